//! Mercado Pago: HMAC-SHA256 over the id in the query, a request id and a time, each left out where it is absent. The body is
//! not signed.

use crate::ingest::delivery::Delivery;
use crate::ingest::fetched::claim::{No, fresh};
use crate::ingest::mac::Hash;
use crate::ingest::sign::SignError;
use crate::ingest::signature::Encoding;
use crate::ingest::template::Part;
use crate::ingest::time::TimeForm;
use crate::mistake::Mistake;
use crate::secret::Secret;

use super::{Code, CodeKey, Request, digest, fits, utf8_key, with_header};

const SIGNATURE: &str = "x-signature";
const REQUEST_ID: &str = "x-request-id";
const ID: &str = "data.id";

/// More are milliseconds: until the year 5138.
const SECONDS_DIGITS_MAX: usize = 11;

pub struct MercadoPago;

impl Code for MercadoPago {
    fn key(&self, secret: &Secret) -> Result<CodeKey, Mistake> {
        utf8_key(Hash::Sha256, secret)
    }

    fn prove(&self, request: Request<'_>, keys: &[CodeKey]) -> Result<Vec<u8>, No> {
        let delivery = request.delivery;
        let given = delivery.header(SIGNATURE).ok_or(No::missing("X-Signature is missing"))?;
        let label = |wanted: &str| {
            let mut pieces = given.split(',').filter_map(|piece| piece.trim().split_once('='));
            pieces.find(|(label, _)| *label == wanted).map(|(_, value)| value)
        };
        let bytes = label("v1").and_then(|text| Encoding::Hex.decode(text));
        let bytes = bytes.ok_or(No::malformed("X-Signature has no `v1=` of hexadecimal digits"))?;
        let time = label("ts").ok_or(No::malformed("X-Signature has no `ts=`"))?;
        // Its documentation shows seconds and milliseconds.
        let form = if time.len() > SECONDS_DIGITS_MAX { TimeForm::Milliseconds } else { TimeForm::Seconds };
        let sent = form.parse(time).ok_or(No::malformed("`ts=` in X-Signature is no time"))?;
        let signed = signed(delivery, time);
        if !fits(keys, &[signed.as_bytes()], &bytes) {
            return Err(No::mismatch("the signature fits no secret"));
        }
        fresh(sent, request.now, request.tolerance)?;
        Ok(bytes)
    }

    fn covers(&self, part: &Part) -> bool {
        match part {
            Part::Header(name) => name == REQUEST_ID,
            // It is signed in lower case, so only its letters' case is anybody's.
            Part::Query(name) => name == ID,
            _ => false,
        }
    }

    fn sign(&self, request: Request<'_>, key: &CodeKey) -> Result<Delivery, SignError> {
        let time = TimeForm::Milliseconds.write(request.now);
        let signed = signed(request.delivery, &time);
        let signature = hex::encode(digest(key, &[signed.as_bytes()]).as_bytes());
        with_header(request.delivery, &[(SIGNATURE, &format!("ts={time},v1={signature}"))])
    }
}

fn signed(delivery: &Delivery, time: &str) -> String {
    let id = delivery.query().get(ID).map(|id| format!("id:{};", id.to_lowercase()));
    let request = delivery.header(REQUEST_ID).map(|id| format!("request-id:{id};"));
    [id, request, Some(format!("ts:{time};"))].into_iter().flatten().collect()
}

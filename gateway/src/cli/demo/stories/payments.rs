//! Card payments: the shape of Stripe's `charge.succeeded` and `charge.failed`, amounts in cents.

use fastrand::Rng;
use serde_json::json;

use super::{Happening, Story, identifier, pick};

const REASONS: &[&str] =
    &["insufficient_funds", "expired_card", "incorrect_cvc", "card_declined", "card_declined"];
const BRANDS: &[&str] = &["visa", "visa", "mastercard", "mastercard", "amex"];

#[derive(Default)]
pub(super) struct Payments {
    order: u32,
}

impl Story for Payments {
    fn next(&mut self, random: &mut Rng) -> Happening {
        self.order += 1;
        // Small sums are common, large ones rare: the smaller of two throws.
        let amount = random.u32(450..18_000).min(random.u32(450..18_000));
        let charge = identifier("ch_3P", 22, random);
        // One in nine fails, never the first: a screen that says nothing tells no story.
        let reason = (self.order > 1 && random.u32(..9) == 0).then(|| pick(REASONS, random));
        let kind = if reason.is_some() { "charge.failed" } else { "charge.succeeded" };
        Happening {
            kind,
            payload: json!({
                "id": identifier("evt_3P", 22, random),
                "object": "event",
                "api_version": "2025-09-30.clover",
                "created": 0,
                "type": kind,
                "livemode": false,
                "data": { "object": {
                    "id": charge,
                    "object": "charge",
                    "amount": amount,
                    "currency": "eur",
                    "paid": reason.is_none(),
                    "failure_code": reason,
                    "description": format!("Order {}", 1_041 + self.order),
                    "payment_method_details": { "type": "card", "card": {
                        "brand": pick(BRANDS, random), "last4": format!("{:04}", random.u32(..10_000)),
                    } },
                } },
            }),
        }
    }
}

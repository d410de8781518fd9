//! Providers whose key must be fetched over the network: AWS SNS, PayPal, Plaid, Google Pub/Sub and eBay.
//!
//! ```text
//!   delivery ──▶ rule (one file a vendor) says which key it needs ──▶ store has it, or fetches it ──▶ the rule proves
//!                  pure; 401 if it may not be asked for                  503 if it is not to be had
//! ```
//! What a delivery needs is said by the delivery alone, before anything about it is proven: so only hosts of the row are
//! asked, over https, without redirects, and no number of forged deliveries makes us ask often.

pub mod certificate;
pub mod hosts;
pub mod vendor_key;

pub mod claim;
pub mod rule;

mod ebay;
mod paypal;
mod plaid;
mod pubsub;
pub mod sns;

pub mod told;

pub mod fetch;
pub mod inquiry;
pub mod store;

//! A shop on its launch day: the shape of Shopify's `orders/create`.

use fastrand::Rng;
use serde_json::json;

use super::{FIRST_NAMES, Happening, Story, pick};

const ARTICLES: &[(&str, u32)] = &[
    ("Enamel mug", 1_450),
    ("Field notebook", 990),
    ("Wool socks", 1_800),
    ("Desk lamp", 5_990),
    ("Rain jacket", 12_900),
    ("Poster, signed", 2_500),
];
const CITIES: &[(&str, &str)] = &[
    ("Lisbon", "PT"),
    ("Leipzig", "DE"),
    ("Utrecht", "NL"),
    ("Lyon", "FR"),
    ("Turku", "FI"),
    ("Kraków", "PL"),
];

/// So many of an article are in stock after a delivery.
const STOCK: u32 = 40;

pub(super) struct Orders {
    number: u32,
    /// What is left of each article.
    left: [u32; ARTICLES.len()],
}

impl Default for Orders {
    fn default() -> Self {
        Self { number: 1_041, left: std::array::from_fn(|index| STOCK - 5 * index as u32) }
    }
}

impl Story for Orders {
    fn next(&mut self, random: &mut Rng) -> Happening {
        self.number += 1;
        let index = random.usize(..ARTICLES.len());
        let (title, cents) = ARTICLES[index];
        let (city, country) = pick(CITIES, random);
        let quantity = pick(&[1, 1, 1, 2, 3], random);
        // What runs out is delivered anew.
        self.left[index] = self.left[index].checked_sub(quantity).unwrap_or(STOCK);
        let total = cents * quantity + 490;
        Happening {
            kind: "orders/create",
            payload: json!({
                "id": 820_982_911_946_000_000_u64 + u64::from(self.number),
                "name": format!("#{}", self.number),
                "order_number": self.number,
                "total_price": price(total),
                "subtotal_price": price(cents * quantity),
                "currency": "EUR",
                "financial_status": "paid",
                "customer": { "first_name": pick(FIRST_NAMES, random) },
                "line_items": [{ "title": title, "quantity": quantity, "price": price(cents),
                    "inventory_quantity": self.left[index] }],
                "shipping_address": { "city": city, "country_code": country },
            }),
        }
    }
}

/// Shopify writes money as a string.
fn price(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

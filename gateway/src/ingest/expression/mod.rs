//! Expressions of an operator's rules: `type == 'push' and body.ref == 'refs/heads/main'`, in the language of `minijinja`.
//! Compiled when the configuration is read; what is wrong in one is a mistake there. An evaluation ends by itself: it has
//! fuel for what it does, and a bound on what it reads of a body that somebody else wrote.

mod body;
pub mod json;
mod names;
pub mod words;

use std::sync::LazyLock;

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde::Serialize;

use crate::mistake::Mistake;

pub use names::Names;

/// Longest expression, in bytes: beyond that it is a program.
const EXPRESSION_BYTES_MAX: usize = 4 * 1024;
/// What one evaluation may do: about one for each step and for each 64 bytes that it makes.
const FUEL: u64 = 10_000;
/// How much is told of the values that a failed expression looked at, in bytes.
const SAW_BYTES_MAX: usize = 200;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    // It would copy the expression and its names into each error.
    environment.set_debug(false);
    for function in ["range", "dict", "debug", "namespace"] {
        environment.remove_global(function);
    }
    environment
});

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    compiled: minijinja::Expression<'static, 'static>,
    spelt: String,
    /// The values that it looks at, such as `body.ref`: what is told where it fails.
    looks_at: Vec<String>,
}

/// Why an expression gave no value, for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    pub why: String,
    /// The values that it looked at, escaped and cut.
    pub saw: String,
}

impl Expression {
    /// # Errors
    /// A mistake of syntax with its place, or a name, filter or test that there is not.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        if text.len() > EXPRESSION_BYTES_MAX {
            return Err(Mistake::new(
                format!(
                    "an expression has at most {EXPRESSION_BYTES_MAX} bytes, but this has {}",
                    text.len()
                ),
                "write a shorter one, or several",
            ));
        }
        words::check(text)?;
        let compiled = ENVIRONMENT.compile_expression_owned(text.to_owned()).map_err(|error| {
            let place = error.range().and_then(|range| text.get(..range.start));
            let place = place
                .map_or(String::new(), |before| format!(", at character {}", before.chars().count() + 1));
            let detail = error.detail().unwrap_or("it cannot be read");
            Mistake::new(format!("this is no expression{place}: {detail}"), words::MEND)
        })?;
        let mut unknown: Vec<String> = compiled
            .undeclared_variables(false)
            .into_iter()
            .filter(|name| !names::NAMES.contains(&name.as_str()))
            .collect();
        unknown.sort();
        if let Some(name) = unknown.first() {
            return Err(words::unknown("name", name, &names::NAMES));
        }
        let mut looks_at: Vec<String> = compiled.undeclared_variables(true).into_iter().collect();
        looks_at.sort();
        Ok(Self { compiled, spelt: text.to_owned(), looks_at })
    }

    /// The expression as it was written.
    pub fn as_str(&self) -> &str {
        &self.spelt
    }

    /// Whether it holds.
    pub fn holds(&self, names: &Names) -> Result<bool, Failed> {
        self.value(names).map(|value| value.is_true())
    }

    /// Its value; never undefined.
    pub fn value(&self, names: &Names) -> Result<Value, Failed> {
        names.refill();
        let result = self.compiled.eval(names.context());
        let failed = |why: String| Failed { why, saw: self.saw(names) };
        match result {
            _ if names.is_exhausted() => Err(failed("it reads more of the body than it may".into())),
            Ok(value) if value.is_undefined() => Err(failed("the value is undefined".into())),
            Ok(value) => Ok(value),
            Err(error) => Err(failed(reason(&error))),
        }
    }

    /// Notes that its value could not be used.
    pub fn failed(&self, names: &Names, why: String) -> Failed {
        Failed { why, saw: self.saw(names) }
    }

    fn saw(&self, names: &Names) -> String {
        names.refill();
        let mut saw = String::new();
        for path in &self.looks_at {
            if !saw.is_empty() {
                saw.push_str(", ");
            }
            names.describe(path, &mut saw, SAW_BYTES_MAX);
            if saw.len() >= SAW_BYTES_MAX {
                saw.truncate(saw.floor_char_boundary(SAW_BYTES_MAX));
                saw.push('…');
                break;
            }
        }
        saw
    }
}

/// The library's kind and detail; both speak of types and names, never of values.
fn reason(error: &Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "it takes more steps, or makes more text, than it may".into(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::delivery::Delivery;
    use crate::ingest::template::{EventNames, Reading};
    use axum::http::{HeaderMap, Method};
    use std::time::SystemTime;

    fn delivery(body: impl Into<bytes::Bytes>) -> Delivery {
        let mut headers = HeaderMap::new();
        headers.insert("x-kind", "gift".parse().unwrap());
        let uri = "/hooks/a?n=12".parse().unwrap();
        Delivery::new(Method::POST, uri, headers, body.into(), SystemTime::UNIX_EPOCH, <_>::default())
    }

    fn value(expression: &str, body: &str) -> Result<Value, Failed> {
        let delivery = delivery(body.to_owned());
        let event = Some(EventNames { id: "7", event_type: "push", source: "gh" });
        let reading = Reading { event, ..Reading::of(&delivery) };
        let document = delivery.shared_document();
        let parsed =
            Expression::parse(expression).unwrap_or_else(|mistake| panic!("{expression}: {mistake}"));
        parsed.value(&Names::of(&reading, document))
    }

    const BODY: &str = r#"{"ref":"refs/heads/main","n":3,"f":1.50,"big":123456789012345678901234567890,
        "none":null,"yes":true,"labels":[{"name":"bug"},{"name":"ui"}],"o":{"a-b":"x","n":[1,2,3]},"a":1,"a":2}"#;

    #[test]
    fn the_names_of_an_event_are_there() {
        for expression in [
            "type == 'push' and id == '7' and source == 'gh'",
            "time == '1970-01-01T00:00:00.000Z'",
            "headers['x-kind'] == 'gift' and query.n == '12'",
            "headers['x-gone'] is undefined and query.gone is not defined",
            "body.ref == 'refs/heads/main' and body.ref is startingwith 'refs/heads/'",
            "body.n == 3 and body.n + 1 > 3.5 and body.f == 1.5",
            "body.big == 123456789012345678901234567890",
            "body.none is none and body.yes and body.gone is undefined",
            "body.labels | length == 2 and body.labels[0].name == 'bug' and body.labels[-1].name == 'ui'",
            "'bug' in body.labels | map(attribute='name')",
            "body.labels | selectattr('name', 'equalto', 'ui') | list | length == 1",
            "body.o['a-b'] == 'x' and 3 in body.o.n and body.o.n | sum == 6 and 'n' in body.o",
            "body.a == 2",
            "body.gone | default('x') == 'x'",
            "body.labels == [{'name': 'bug'}, {'name': 'ui'}] and body.o == body.o",
            "(body.ref | replace('refs/heads/', '') | upper) == 'MAIN' and body.ref[5:10] == 'heads'",
            "('' ~ body.o.n) == '[1,2,3]'",
        ] {
            assert!(
                value(expression, BODY).is_ok_and(|value| value.is_true()),
                "{expression}: {:?}",
                value(expression, BODY)
            );
        }
        assert!(value("body == 'plain' and 'lai' in body", "plain").is_ok_and(|value| value.is_true()));
    }

    #[test]
    fn what_is_undefined_fails_and_tells_what_was_there() {
        for (expression, saw) in [
            ("body.gone == 'x'", "body.gone is undefined"),
            ("body.gone", "body.gone is undefined"),
            ("not body.gone", "body.gone is undefined"),
            ("body.o.gone.deeper == 1 and body.n", "body.n = 3, body.o.gone.deeper is undefined"),
            ("body.ref ~ body.gone", r#"body.gone is undefined, body.ref = "refs/heads/main""#),
            ("headers.authorization == type", r#"headers.authorization is undefined, type = "push""#),
            ("headers['x-kind'].gone.x", "headers is there"),
        ] {
            assert_eq!(value(expression, BODY).unwrap_err().saw, saw, "{expression}");
        }
        let long =
            value("body.gone == body.text", &format!(r#"{{"text":"\n{}"}}"#, "ä".repeat(500))).unwrap_err();
        assert!(
            long.saw.starts_with(r#"body.gone is undefined, body.text = "\nää"#) && long.saw.len() < 210,
            "{long:?}"
        );
    }

    #[test]
    fn what_cannot_be_meant_is_told_when_it_is_read() {
        for (expression, expected) in [
            ("type = 'push'", "this is no expression, at character 6"),
            ("type ==", "this is no expression, at character"),
            ("(type == 'a'", "this is no expression"),
            ("typ == 'a'", "unknown name `typ` (did you mean `type`?)"),
            ("range(5)", "unknown name `range`"),
            ("body.ref.startswith('a')", "values have no methods, but here is `.startswith(`"),
            ("body.ref | uper", "unknown filter `uper` (did you mean `upper`?)"),
            ("body.ref is startswith 'a'", "unknown test `startswith` (did you mean `startingwith`?)"),
            ("body.a || body.b", "there is no `||`"),
            ("body.a && body.b", "this is no expression"),
            ("{% for a in body %}", "this is no expression"),
            ("", "this is no expression"),
            ("'a' | lower is not defind", "unknown test `defind` (did you mean `defined`?)"),
        ] {
            let told = Expression::parse(expression).expect_err(expression).to_string();
            assert!(told.starts_with(expected), "{expression}: {told}");
        }
        assert!(Expression::parse("'.lower( | is nothing' == type").is_ok(), "what stands in quotes is text");
    }

    /// The body is the sender's: whatever it holds, an evaluation ends soon, and with an error rather than a wrong answer.
    #[test]
    fn hostile_bodies_and_expressions_end_within_the_fuel() {
        let list = format!("[{}]", vec!["1"; 2_000].join(","));
        let lists = format!(
            r#"{{"l":{list},"m":[{}],"text":"{}"}}"#,
            vec![list.as_str(); 100].join(","),
            "ab".repeat(300_000)
        );
        let members: Vec<String> = (0..60_000).map(|n| format!(r#""k{n}":{n}"#)).collect();
        let wide = format!(r#"{{"o":{{{}}},"l":[{}]}}"#, members.join(","), vec!["\"zz\""; 20_000].join(","));
        for (expression, body) in [
            (
                "body.l | select('in', body.l) | map('string') | join | length == body.l | select('in', body.m) | list | length",
                &lists,
            ),
            ("body.m | map('select', 'in', body.l) | map('list') | list | length", &lists),
            ("body.m | map('sort') | map('unique') | map('list') | list | length", &lists),
            ("'a' * 2000000000", &lists),
            ("('a' * 500000) ~ ('b' * 500000)", &lists),
            ("body.text | replace('a', body.text)", &lists),
            ("(body.text | replace('a', 'bb') | replace('b', 'cc') | replace('c', 'dd')) * 1000", &lists),
            ("[body.l] * 1000000000", &lists),
            ("body.l | select('in', body.o) | list", &wide),
            ("body.o | select('in', body.o) | list", &wide),
            ("body.o | map('upper') | join(body.l | join)", &wide),
            ("body.o | items | list", &wide),
        ] {
            assert!(value(expression, body).is_err(), "{expression}");
        }
        let repeated = format!("[{}]", vec!["body.text"; 99].join(","));
        assert!(value(&repeated, &lists).is_err());
    }

    #[test]
    fn deep_and_long_expressions_are_mistakes_or_end() {
        let nested = "(".repeat(2_000) + "1" + &")".repeat(2_000);
        for deep in [nested, "[".repeat(4_000), "{'a':".repeat(800), "body[".repeat(800)] {
            assert!(Expression::parse(&deep).is_err());
        }
        // As long as may be, on the small stack of a test: each ends with a value or a reason.
        let most = words::TOKENS_MAX;
        for (token, last) in [
            ("not ", "type"),
            ("-", "1"),
            ("type ~ ", "type"),
            ("1 + ", "1"),
            ("type and ", "type"),
            ("1 if 1 else ", "1"),
        ] {
            let each = token.split_whitespace().count();
            let longest = token.repeat((most - 1) / each) + last;
            if let Ok(expression) = Expression::parse(&longest) {
                let delivery = delivery("{}");
                let names = Names::of(&Reading::of(&delivery), delivery.shared_document());
                let _ = expression.value(&names).map_err(|failed| assert!(!failed.why.is_empty()));
            }
            assert!(Expression::parse(&(token.repeat(most) + last)).is_err(), "{token}");
        }
        assert!(Expression::parse(&format!("type == '{}'", "a".repeat(5_000))).is_err());
    }
}

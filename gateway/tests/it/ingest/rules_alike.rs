//! A table and the expression that says the same judge every body alike.

use proptest::prelude::*;

use super::support::*;

/// Texts that are no numbers: a table takes `"7"` for 7, since forms have only texts, and an expression does not.
fn text() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["x", "xy", "yx", "y"])
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (-3i32..4).prop_map(|whole| whole.to_string()),
        (-5i32..6).prop_map(|half| format!("{:?}", f64::from(half) / 2.0))
    ]
}

/// What a rule asks of a value: as TOML, and as an expression over `V`, in whose language a boolean is a number too.
fn test() -> impl Strategy<Value = (String, String)> {
    let words = vec![("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")];
    let leaf = prop_oneof![
        text().prop_map(|text| (format!("'{text}'"), format!("(V is string and V == '{text}')"))),
        number().prop_map(|number| (
            number.clone(),
            format!("(V is number and V is not boolean and V == {number})")
        )),
        any::<bool>().prop_map(|value| (value.to_string(), format!("(V is boolean and V == {value})"))),
        text().prop_map(|text| (
            format!("{{ prefix = '{text}' }}"),
            format!("(V is string and V is startingwith '{text}')")
        )),
        text().prop_map(|text| (
            format!("{{ suffix = '{text}' }}"),
            format!("(V is string and V is endingwith '{text}')")
        )),
        any::<bool>().prop_map(|exists| {
            (format!("{{ exists = {exists} }}"), format!("(V is {}none)", if exists { "not " } else { "" }))
        }),
        (prop::sample::select(words), number()).prop_map(|((word, operator), number)| {
            (
                format!("{{ {word} = {number} }}"),
                format!("(V is number and V is not boolean and V {operator} {number})"),
            )
        }),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|(toml, said)| (format!("{{ not = {toml} }}"), format!("(not {said})"))),
            prop::collection::vec(inner, 1..4).prop_map(|all| {
                let (toml, said): (Vec<_>, Vec<_>) = all.into_iter().unzip();
                (format!("[{}]", toml.join(", ")), format!("({})", said.join(" or ")))
            }),
        ]
    })
}

/// Paths, and what finds the same without failing where nothing is.
const PATHS: [(&str, &str); 4] = [
    ("a", "(body.a | default(none))"),
    ("b", "(body.b | default(none))"),
    ("a.d", "((body.a | default({})).d | default(none))"),
    (
        "/b/1",
        "((body.b | default([]))[1] | default(none) if body.b is defined and body.b is sequence else none)",
    ),
];

fn rule() -> impl Strategy<Value = (String, String)> {
    let condition = (prop::sample::select(PATHS.to_vec()), test());
    let table = prop::collection::vec(condition, 1..3).prop_map(|mut all| {
        all.dedup_by_key(|((path, _), _)| *path);
        let (toml, said): (Vec<_>, Vec<_>) = all
            .into_iter()
            .map(|((path, place), (toml, said))| (format!("'{path}' = {toml}"), said.replace('V', place)))
            .unzip();
        (format!("{{ {} }}", toml.join(", ")), format!("({})", said.join(" and ")))
    });
    prop::collection::vec(table, 1..3).prop_map(|all| {
        let (toml, said): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        (format!("[{}]", toml.join(", ")), said.join(" or "))
    })
}

fn body() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        text().prop_map(|text| format!("\"{text}\"")),
        number(),
        any::<bool>().prop_map(|value| value.to_string()),
        Just("null".to_owned()),
    ];
    let value = prop_oneof![
        4 => scalar.clone(),
        1 => scalar.clone().prop_map(|inner| format!("{{\"d\":{inner}}}")),
        1 => prop::collection::vec(scalar, 0..4).prop_map(|all| format!("[{}]", all.join(","))),
    ];
    (prop::option::of(value.clone()), prop::option::of(value)).prop_map(|(a, b)| {
        let members = [("a", a), ("b", b)];
        let members: Vec<_> =
            members.into_iter().filter_map(|(key, value)| Some(format!("\"{key}\":{}", value?))).collect();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_table_and_its_expression_judge_alike((toml, said) in rule(), bodies in prop::collection::vec(body(), 1..6), is_drop in any::<bool>()) {
        let key = if is_drop { "drop" } else { "accept" };
        let table = source(&format!("name = 's'\nprovider = 'none'\n{key} = {toml}"));
        let expression = source(&format!("name = 's'\nprovider = 'none'\n{key}_if = \"{said}\""));
        for body in bodies {
            let [by_table, by_expression] = [&table, &expression].map(|source| {
                let mut batch = published(source, &[], body.clone(), at(0));
                batch.events.remove(0)
            });
            prop_assert!(by_expression.failures.is_empty(), "{said}\n{body}\n{:?}", by_expression.failures);
            prop_assert_eq!(by_table.new.is_some(), by_expression.new.is_some(), "{}\n{}\n{}", toml, said, body);
        }
    }
}

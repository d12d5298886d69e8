use std::fs;

use super::*;
use crate::registry::Registry;
use crate::registry::support::choices;

fn at(line: usize, column: usize) -> Position {
    Position { line, column }
}

#[test]
fn every_value_is_found_where_it_begins() {
    let places = Places::of("{\n  \"ä\": 1, \"b\": {\n    \"c.d\": [true, {\"e\": null}]\n  }\n}");

    for (path, position) in [
        ("", Some(at(1, 1))),
        ("[\"ä\"]", Some(at(2, 8))),
        ("b", Some(at(2, 16))),
        ("b[\"c.d\"]", Some(at(3, 12))),
        ("b[\"c.d\"][0]", Some(at(3, 13))),
        ("b[\"c.d\"][1].e", Some(at(3, 25))),
    ] {
        assert_eq!(places.find(path), position, "{path}");
    }
}

#[test]
fn what_is_not_there_is_found_in_what_should_hold_it() {
    let places = Places::of("{\n  \"a\": {\n  \"b.c\": {} } }");

    assert_eq!(places.find("a.missing"), Some(at(2, 8)));
    assert_eq!(places.find("a[\"b.c\"].missing"), Some(at(3, 10)));
    assert_eq!(places.find("a[\"b.d\"]"), Some(at(2, 8)));
    assert_eq!(places.find("elsewhere"), Some(at(1, 1)));
}

#[test]
fn of_two_members_with_one_name_the_second_is_meant() {
    let places = Places::of("{\"a\": 1,\n \"a\": 2}");

    assert_eq!(places.find("a"), Some(at(2, 7)));
}

#[test]
fn what_is_no_json_has_the_place_of_the_mistake() {
    assert_eq!(Places::of("{\n  \"a\": ]\n}").find(""), Some(at(2, 8)));
    assert_eq!(Places::of("").find(""), Some(at(1, 1)));
}

#[test]
fn depth_is_limited() {
    let text = format!("{}{}", "[".repeat(5000), "]".repeat(5000));

    assert_eq!(Places::of(&text).find("[0]"), Some(at(1, 2)));
}

#[test]
fn every_mistake_of_the_fixtures_has_a_place() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/registry");
    let mut problems = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let places = Places::of(&text);

        for problem in Registry::parse(&text, &choices()).unwrap_err().problems() {
            let place = places.find(&problem.path);

            assert!(place.is_some(), "{}: {problem}", path.display());
            problems += 1;
        }
    }
    assert!(problems > 100);
}

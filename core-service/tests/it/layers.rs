//! Who may know whom, read off the `use` lines and paths of the source.

use std::{fs, path::Path};

/// Calls `check` with the path below `src/` and the code of every file there, tests left out.
fn each_file(check: &mut dyn FnMut(&str, &str)) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                if name.ends_with("tests.rs") || name.contains("/tests/") {
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap();
                let code: String = code
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                    .flat_map(|line| [line, "\n"])
                    .collect();
                check(&name, &code);
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "only {seen} files were read");
}

fn within(name: &str, folder: &str) -> bool {
    name.starts_with(folder)
}

/// Folders, and what nothing in them may name.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "async ",
            "tokio",
            "tonic",
            "reqwest",
            "rusqlite",
            "linkojob_proto",
            "crate::store",
            "crate::flows",
            "crate::meta",
            "crate::grpc",
            "crate::clock",
        ],
    ),
    (
        "store",
        &["tonic", "reqwest", "linkojob_proto", "crate::flows", "crate::meta", "crate::grpc"],
    ),
    (
        "meta",
        &["tonic", "rusqlite", "linkojob_proto", "crate::flows", "crate::store", "crate::grpc"],
    ),
    ("media", &["tonic", "reqwest", "crate::store", "crate::flows", "crate::meta", "crate::grpc"]),
    ("flows", &["tonic", "rusqlite", "linkojob_proto", "crate::grpc", "crate::lanes"]),
    ("lanes", &["tonic", "rusqlite", "linkojob_proto", "crate::grpc"]),
];

#[test]
fn a_layer_knows_only_those_below_it() {
    let mut offences = Vec::new();
    each_file(&mut |name, code| {
        for (folder, words) in FORBIDDEN {
            if within(name, &format!("{folder}/")) {
                let found = words.iter().filter(|word| code.contains(**word));
                offences.extend(found.map(|word| format!("{name} names {word}")));
            }
        }
    });
    assert!(offences.is_empty(), "{offences:#?}");
}

/// Claims that these words stand nowhere but below their homes.
fn stand_at_home_only(places: &[(&str, &[&str])]) {
    let mut offences = Vec::new();
    each_file(&mut |name, code| {
        for (word, homes) in places {
            if code.contains(word) && !homes.iter().any(|home| within(name, home)) {
                offences.push(format!("{name} names {word}"));
            }
        }
    });
    assert!(offences.is_empty(), "{offences:#?}");
}

#[test]
fn some_things_are_known_in_one_place_only() {
    stand_at_home_only(&[
        ("rusqlite", &["store/embedded/"]),
        ("object_store", &["media/"]),
        ("mongodb::", &["store/mongo/"]),
        ("tonic::", &["grpc/"]),
        ("linkojob_proto", &["grpc/"]),
        ("reqwest", &["meta/"]),
        ("SystemTime::now", &["clock.rs"]),
        ("messaging_product", &["meta/"]),
    ]);
}

/// Whose things a call reaches is decided once: nothing else can make a scope, or read without one.
#[test]
fn no_call_gets_around_whose_things_it_may_reach() {
    stand_at_home_only(&[
        // A request is opened together with its caller, and only the caller turns a name into an owner.
        (".into_inner()", &["grpc/api.rs", "grpc/health.rs", "lanes/", "store/", "meta/"]),
        ("Owner::parse", &["grpc/auth/", "domain/", "store/"]),
        ("Actor {", &["grpc/auth/", "domain/"]),
        ("Scope::", &["grpc/auth/", "domain/actor.rs", "flows/sight.rs", "store/"]),
        // What is read by an id alone is read through a scope.
        ("store.client(", &["flows/sight.rs", "store/"]),
        ("store.conversation(", &["flows/sight.rs", "store/"]),
        ("store.message(", &["flows/sight.rs", "store/"]),
        ("store.template(", &["flows/sight.rs", "store/"]),
        // What Meta delivered is everybody's, and is for operators.
        ("store.delivery(", &["flows/journal.rs", "store/"]),
        ("store.deliveries(", &["cli/journal/", "flows/journal.rs", "store/"]),
        // All of everybody's only for what is done to each.
        (
            "all_clients(",
            &[
                "flows/onboard/expiry.rs",
                "flows/onboard/withdraw.rs",
                "flows/refresh.rs",
                "flows/reseal.rs",
                "store/",
            ],
        ),
        // And by a business number or account only for what Meta says.
        ("clients_by_number(", &["flows/receive.rs", "flows/onboard/", "lanes/", "store/"]),
        ("clients_by_waba(", &["flows/receive.rs", "flows/onboard/", "lanes/", "store/"]),
    ]);
}

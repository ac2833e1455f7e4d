//! Settings that protect the way to the cores: each wrong combination, and its one line.

use std::ffi::OsString;

use dev_certificates::{Authority, Files, For, Time};
use edge_gateway::{Config, app, config::Secret};
use tokio_util::sync::CancellationToken;

use crate::harness::{APP_SECRETS, TOKEN, VERIFY_TOKEN};

const SECURE: &str = "https://core.example:50051";
const MIXED: &str = "http://127.0.0.1:50051,https://core.example";
const PLAIN: &str = "http://127.0.0.1:50051";

/// Builds an edge with these flags; nothing is connected by that.
fn start(url: &str, flags: &[(&str, OsString)]) -> Result<(), String> {
    let mut args: Vec<OsString> = vec!["edge-gateway".into(), "--core-url".into(), url.into()];
    for (flag, value) in flags {
        let mut flag = OsString::from(format!("{flag}="));
        flag.push(value);
        args.push(flag);
    }
    let mut config = Config::from_args(args).map_err(|error| error.to_string())?;
    config.core_service_token = Some(Secret::from(TOKEN));
    config.meta_app_secrets = Some(Secret::from(APP_SECRETS[0]));
    config.meta_verify_token = Some(Secret::from(VERIFY_TOKEN));
    app::build(config, CancellationToken::new()).map(drop).map_err(|error| error.to_string())
}

#[tokio::test]
async fn what_belongs_together_is_set_together() {
    let (authority, files) = (Authority::new("ours"), Files::new());
    let (ours, others) = (authority.client("edge"), authority.client("edge"));
    let put = |name: &str, text: &str| files.put(name, text).into_os_string();
    let ca = || ("--edge-tls-ca", put("ca.pem", &authority.pem));
    let cert = || ("--edge-tls-cert", put("cert.pem", &ours.certificate));
    let key = || ("--edge-tls-key", put("key.pem", &ours.key));
    let empty = |flag: &'static str| (flag, OsString::new());

    for (url, flags) in [
        (PLAIN, vec![]),
        (PLAIN, vec![empty("--edge-tls-ca"), empty("--edge-tls-cert"), empty("--edge-tls-key")]),
        (SECURE, vec![ca()]),
        (SECURE, vec![ca(), cert(), key()]),
        (MIXED, vec![ca(), cert(), key()]),
    ] {
        assert_eq!(start(url, &flags), Ok(()), "{url} {flags:?}");
    }

    let server = authority.sign(&["core.example"], For::Server, Time::Now).certificate;
    let expired = authority.sign(&["edge"], For::Client, Time::Past).certificate;
    let table = [
        (SECURE, vec![], "EDGE_TLS_CA: is required with https:// in CORE_URL"),
        (MIXED, vec![], "EDGE_TLS_CA: is required with https:// in CORE_URL"),
        (SECURE, vec![cert(), key()], "EDGE_TLS_CA: is required with https:// in CORE_URL"),
        (SECURE, vec![ca(), cert()], "EDGE_TLS_KEY: is required with EDGE_TLS_CERT"),
        (SECURE, vec![ca(), key()], "EDGE_TLS_CERT: is required with EDGE_TLS_KEY"),
        (PLAIN, vec![cert()], "EDGE_TLS_KEY: is required with EDGE_TLS_CERT"),
        (PLAIN, vec![ca()], "EDGE_TLS_CA: protects nothing, as no address in CORE_URL"),
        (PLAIN, vec![cert(), key()], "EDGE_TLS_CERT: protects nothing, as no address in CORE_URL"),
        (SECURE, vec![("--edge-tls-ca", "/nowhere/ca".into())], "EDGE_TLS_CA: /nowhere/ca cannot"),
        (SECURE, vec![("--edge-tls-ca", put("none", "canary"))], "EDGE_TLS_CA: "),
        (SECURE, vec![ca(), ("--edge-tls-cert", put("s", &server)), key()], "EDGE_TLS_CERT: "),
        (SECURE, vec![ca(), ("--edge-tls-cert", put("e", &expired)), key()], "EDGE_TLS_CERT: "),
        (SECURE, vec![ca(), cert(), ("--edge-tls-key", put("o", &others.key))], "EDGE_TLS_KEY: "),
        (SECURE, vec![ca(), cert(), ("--edge-tls-key", "canary".into())], "EDGE_TLS_KEY: cannot"),
        (SECURE, vec![ca(), cert(), ("--edge-tls-key", ours.key.clone().into())], "EDGE_TLS_KEY: "),
        ("https://core..example", vec![ca()], "CORE_URL: https://core..example cannot be spoken"),
    ];
    for (url, flags, expected) in table {
        let line = start(url, &flags).expect_err(expected);
        assert!(line.starts_with(expected), "{line}");
        assert!(!line.contains('\n') && !line.contains("canary"), "{line}");
        assert!(!line.contains(&ours.key[40..60]), "{line}");
    }
}

#[test]
fn a_key_that_stands_where_its_path_should_is_not_shown() {
    let key = Authority::new("ours").client("edge").key;
    let flag = format!("--edge-tls-key={key}");
    let config = Config::from_args(["edge-gateway".to_owned(), flag]).expect("parses");
    assert!(!format!("{config:?}").contains(&key[40..60]));
}

//! Settings of TLS at the core: each wrong combination, and its one line.

use std::ffi::OsString;

use core_service::config::Config;
use dev_certificates::{Authority, Files, For, Time};

/// Reads these flags after good ones.
fn read(flags: &[(&str, OsString)]) -> Result<Config, String> {
    let mut args: Vec<OsString> = vec![
        "core-service".into(),
        "--token-keys=1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".into(),
        "--core-service-tokens=edge:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee:edge".into(),
    ];
    for (flag, value) in flags {
        let mut flag = OsString::from(format!("--{flag}="));
        flag.push(value);
        args.push(flag);
    }
    Config::from_args(args).map_err(|error| error.to_string())
}

#[test]
fn what_belongs_together_is_set_together() {
    let (authority, files) = (Authority::new("ours"), Files::new());
    let (ours, others) = (authority.server(&["core.test"]), authority.server(&["core.test"]));
    let put = |name: &str, text: &str| files.put(name, text).into_os_string();
    let cert = || ("core-tls-cert", put("cert.pem", &ours.certificate));
    let key = || ("core-tls-key", put("key.pem", &ours.key));
    let ca = || ("core-tls-client-ca", put("ca.pem", &authority.pem));
    let empty = |flag: &'static str| (flag, OsString::new());

    let plain = read(&[empty("core-tls-cert"), empty("core-tls-key"), empty("core-tls-client-ca")]);
    assert!(plain.unwrap().listen.tls.is_none());
    let tls = read(&[cert(), key()]).unwrap().listen.tls.unwrap();
    assert!(tls.clients.is_none());
    let config = read(&[cert(), key(), ca()]).unwrap();
    assert!(!format!("{config:?}").contains(&ours.key[40..60]));
    assert!(config.listen.tls.unwrap().clients.is_some());

    let client = authority.client("edge").certificate;
    let expired = authority.sign(&["core.test"], For::Server, Time::Past).certificate;
    let table = [
        (vec![cert()], "CORE_TLS_KEY: is required with CORE_TLS_CERT"),
        (vec![cert(), ca()], "CORE_TLS_KEY: is required with CORE_TLS_CERT"),
        (vec![cert(), empty("core-tls-key")], "CORE_TLS_KEY: is required with CORE_TLS_CERT"),
        (vec![key()], "CORE_TLS_CERT: is required with CORE_TLS_KEY"),
        (vec![ca()], "CORE_TLS_CERT: is required with CORE_TLS_CLIENT_CA"),
        (vec![("core-tls-cert", "/nowhere/cert".into()), key()], "CORE_TLS_CERT: /nowhere/cert "),
        (vec![("core-tls-cert", put("n", "canary")), key()], "CORE_TLS_CERT: "),
        (vec![("core-tls-cert", put("c", &client)), key()], "CORE_TLS_CERT: "),
        (vec![("core-tls-cert", put("e", &expired)), key()], "CORE_TLS_CERT: "),
        (vec![cert(), ("core-tls-key", put("o", &others.key))], "CORE_TLS_KEY: "),
        (vec![cert(), ("core-tls-key", "canary".into())], "CORE_TLS_KEY: cannot be read"),
        (vec![cert(), ("core-tls-key", ours.key.clone().into())], "CORE_TLS_KEY: must be the path"),
        (vec![cert(), key(), ("core-tls-client-ca", put("x", ""))], "CORE_TLS_CLIENT_CA: "),
        (vec![cert(), key(), ("core-tls-client-ca", "/nowhere".into())], "CORE_TLS_CLIENT_CA: "),
    ];
    for (flags, expected) in table {
        let line = read(&flags).expect_err(expected);
        assert!(line.starts_with(expected), "{line}");
        assert!(!line.contains('\n') && !line.contains("canary"), "{line}");
        assert!(!line.contains(&ours.key[40..60]), "{line}");
    }
}

#[test]
fn off_loopback_either_tls_or_a_word_is_needed() {
    let (authority, files) = (Authority::new("ours"), Files::new());
    let pair = authority.server(&["core.test"]);
    let everywhere = || ("core-listen", OsString::from("0.0.0.0:50051"));
    let cert = files.put("cert.pem", &pair.certificate).into_os_string();
    let key = files.put("key.pem", &pair.key).into_os_string();
    assert!(read(&[everywhere(), ("core-tls-cert", cert), ("core-tls-key", key)]).is_ok());
    assert!(read(&[everywhere(), ("core-allow-plaintext", "true".into())]).is_ok());
    let line = read(&[everywhere()]).unwrap_err();
    assert!(line.starts_with("CORE_LISTEN: ") && !line.contains('\n'), "{line}");
    assert!(line.contains("CORE_TLS_CERT") && line.contains("CORE_ALLOW_PLAINTEXT"), "{line}");
}

//! Which files are used, and the one line about each that is not.

use std::path::Path;

use dev_certificates::{Authority, Files, For, Time};
use linkojob_tls::{Authorities, Chain, Identity, Refused, Side, Why};

fn read(certificate: &str, key: &str, side: Side) -> Result<Identity, Refused> {
    let files = Files::new();
    let (certificate, key) = (files.put("cert.pem", certificate), files.put("key.pem", key));
    Chain::read(&certificate, side)?.with_key(&key)
}

/// The line, which has to be one, without the path.
fn line(refused: &Refused, path: &Path) -> String {
    let line = refused.to_string();
    assert!(!line.contains('\n'), "{line}");
    line.replace(&path.display().to_string(), "FILE")
}

#[test]
fn a_certificate_with_its_key_is_used_on_its_own_side() {
    let authority = Authority::new("ours");
    let (core, edge) = (authority.server(&["core.test"]), authority.client("edge"));
    assert!(read(&core.certificate, &core.key, Side::Server).is_ok());
    assert!(read(&edge.certificate, &edge.key, Side::Client).is_ok());
    for (pair, side) in [(&core, Side::Client), (&edge, Side::Server)] {
        let refused = read(&pair.certificate, &pair.key, side).expect_err("the other side's");
        assert!(matches!(refused.why(), Why::OtherSide), "{refused}");
    }
    // The authority above it, and comments, may stand in the file; the key may be in the same one.
    let all = format!("# of the core\n{}{}{}", core.certificate, authority.pem, core.key);
    assert!(read(&all, &all, Side::Server).is_ok());
}

#[test]
fn a_key_is_shown_nowhere() {
    let pair = Authority::new("ours").server(&["core.test"]);
    let identity = read(&pair.certificate, &pair.key, Side::Server).expect("both are good");
    assert_eq!(format!("{identity:?}"), "Identity(…)");
}

#[test]
fn what_cannot_be_used_is_told_in_one_line() {
    let (authority, files) = (Authority::new("ours"), Files::new());
    let sign = |time| authority.sign(&["core.test"], For::Server, time).certificate;
    let (begin, end) = ("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n");
    let good = sign(Time::Now);
    for (text, expected) in [
        (String::new(), "FILE has no certificate in PEM form"),
        ("canary".to_owned(), "FILE has no certificate in PEM form"),
        (authority.server(&["core.test"]).key, "FILE has no certificate in PEM form"),
        (format!("{begin}canary!{end}"), "FILE has a certificate that cannot be read"),
        (format!("{begin}Y2FuYXJ5\n{end}"), "FILE has a certificate that cannot be read"),
        (good[..good.len() / 2].to_owned(), "FILE has a certificate that cannot be read"),
        (sign(Time::Past), "FILE has a certificate that has expired"),
        (sign(Time::Future), "FILE has a certificate that is not valid yet"),
        ("x".repeat(2 * 1024 * 1024), "FILE is too large for a PEM file"),
    ] {
        let path = files.put("cert.pem", &text);
        let refused = Chain::read(&path, Side::Server).expect_err(expected);
        assert_eq!(line(&refused, &path), expected);
    }
    let path = files.path("nowhere.pem");
    let refused = Chain::read(&path, Side::Server).expect_err("not there");
    assert!(line(&refused, &path).starts_with("FILE cannot be read: "), "{refused}");
}

#[test]
fn nothing_of_a_key_is_repeated() {
    let (authority, files) = (Authority::new("ours"), Files::new());
    let (ours, others) = (authority.server(&["core.test"]), authority.server(&["core.test"]));
    let chain = || Chain::read(&files.put("cert.pem", &ours.certificate), Side::Server);
    let broken = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n";
    let half = &ours.key[..ours.key.len() / 2];
    let sealed = ours.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let none = "has no private key in PEM form that is not encrypted";
    for (text, expected) in [
        (others.key.as_str(), "has a private key that does not belong to the certificate"),
        (broken, "has a private key of an unknown kind"),
        (half, none),
        (&sealed, none),
        (&ours.certificate, none),
        ("", none),
    ] {
        let path = files.put("key.pem", text);
        let refused = chain().expect("good").with_key(&path).expect_err(expected);
        assert_eq!(refused.to_string(), expected);
    }
    // What was given instead of a path may be the key itself, in whatever form.
    for given in [ours.key.clone(), ours.key.replace('\n', "\\n"), "canary/canary".to_owned()] {
        let refused = chain().expect("good").with_key(given.as_ref()).expect_err("no path");
        assert!(!refused.to_string().contains("canary"), "{refused}");
        assert!(!refused.to_string().contains(&ours.key[40..60]), "{refused}");
    }
}

#[test]
fn every_authority_of_a_file_is_taken_or_none() {
    let (one, two, files) = (Authority::new("one"), Authority::new("two"), Files::new());
    let both = files.put("both.pem", &format!("{}{}", one.pem, two.pem));
    assert_eq!(format!("{:?}", Authorities::read(&both).expect("two")), "Authorities(2)");
    let broken = "-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n";
    for text in [String::new(), format!("{}{broken}", one.pem)] {
        let path = files.put("broken.pem", &text);
        let refused = Authorities::read(&path).expect_err("not all can be read");
        assert!(matches!(refused.why(), Why::NoCertificate | Why::BrokenCertificate), "{refused}");
    }
}

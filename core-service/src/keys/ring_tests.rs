//! Key rings that are refused, and what they say of themselves.

use super::*;

fn key(byte: u8) -> String {
    STANDARD.encode([byte; KEY])
}

fn refused(text: &str) -> KeyRingError {
    KeyRing::parse(text).expect_err("must be refused")
}

#[test]
fn a_ring_has_a_key() {
    for text in ["", " ", ",", " , ,"] {
        assert_eq!(refused(text), KeyRingError::Empty, "{text:?}");
    }
}

#[test]
fn an_entry_is_an_id_and_32_bytes() {
    let good = key(7);
    for wrong in [
        "canary".to_owned(),
        good.clone(),
        format!(":{good}"),
        format!("0:{good}"),
        format!("-1:{good}"),
        format!("+1:{good}"),
        format!("4294967296:{good}"),
        format!("one:{good}"),
        "1:".to_owned(),
        "1:canary".to_owned(),
        format!("1:{}", STANDARD.encode([7; KEY - 1])),
        format!("1:{}", STANDARD.encode([7; KEY + 1])),
        format!("1:{}", good.trim_end_matches('=')),
        format!("1:{good}="),
        format!("1:1:{good}"),
    ] {
        assert_eq!(refused(&wrong), KeyRingError::Malformed(1), "{wrong}");
        let second = format!("9:{},{wrong}", key(9));
        assert_eq!(refused(&second), KeyRingError::Malformed(2), "{second}");
    }
    assert!(KeyRing::parse(&format!(" 1 : {good} , 4294967295:{} ,", key(8))).is_ok());
}

#[test]
fn an_id_and_a_key_stand_once() {
    let (one, other) = (key(1), key(2));
    assert_eq!(refused(&format!("1:{one},2:{other},1:{}", key(3))), KeyRingError::Repeated(1));
    assert_eq!(refused(&format!("1:{one},01:{other}")), KeyRingError::Repeated(1));
    assert_eq!(refused(&format!("1:{one},2:{other},3:{one}")), KeyRingError::Same(1, 3));
}

#[test]
fn the_first_key_seals_and_every_key_is_found() {
    let ring = KeyRing::parse(&format!("2:{},1:{}", key(2), key(1))).unwrap();
    assert_eq!(ring.first(), (2, &[2; KEY]));
    assert_eq!(ring.get(1), Some(&[1; KEY]));
    assert_eq!(ring.get(3), None);
    let derived = ring.derive("something");
    assert_eq!(derived.len(), 2);
    assert!(derived[0] != derived[1] && !derived.contains(&Zeroizing::new([2; KEY])));
}

#[test]
fn nothing_that_a_ring_says_has_a_key_in_it() {
    let canary = STANDARD.encode(b"canary-canary-canary-canary-cana");
    let ring = KeyRing::parse(&format!("1:{canary}")).unwrap();
    let mut said = vec![format!("{ring:?} {ring:#?}")];
    for wrong in [
        format!("{canary}:1"),
        format!("1:{canary}canary"),
        format!("1:{canary},1:{canary}"),
        format!("1:{canary},2:{canary}"),
        format!("canary:{canary}"),
    ] {
        let error = refused(&wrong);
        said.push(format!("{error} {error:?}"));
    }
    for line in said {
        assert!(!line.contains("canary") && !line.contains(&canary[..8]), "{line}");
    }
}

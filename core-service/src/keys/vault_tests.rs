//! Envelopes that open, and all those that must not.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use proptest::prelude::*;

use super::*;

fn vault(ids: &[u8]) -> Vault {
    let entry = |id: &u8| format!("{id}:{}", STANDARD.encode([*id; 32]));
    let ring = ids.iter().map(entry).collect::<Vec<_>>().join(",");
    Vault::new(Arc::new(KeyRing::parse(&ring).unwrap()))
}

fn place(client: u128, field: &str) -> Context<'_> {
    Context { client: ClientId::new(uuid::Uuid::from_u128(client)), field }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn bytes(sealed: &Sealed) -> Vec<u8> {
    STANDARD_NO_PAD.decode(&sealed.0).unwrap()
}

fn sealed(bytes: &[u8]) -> Sealed {
    Sealed(STANDARD_NO_PAD.encode(bytes))
}

#[test]
fn a_ciphertext_swapped_between_any_two_places_is_refused() {
    let vault = vault(&[1]);
    let fields = ["token", "pin", "onboarding.token", "onboarding.pin", "", "toke", "n/token"];
    let places: Vec<Context<'_>> =
        (0..4).flat_map(|client| fields.map(|field| place(client, field))).collect();
    let rows: Vec<Sealed> =
        places.iter().map(|at| vault.seal(*at, &secret("the same")).unwrap()).collect();
    for (home, row) in places.iter().zip(&rows) {
        for other in &places {
            let opened = vault.open(*other, row).map(|secret| secret.expose().to_owned());
            let expected = if home == other { Ok("the same") } else { Err(VaultError::Refused) };
            assert_eq!(
                opened.as_deref().map_err(|error| *error),
                expected,
                "{home:?} at {other:?}"
            );
        }
    }
}

#[test]
fn every_key_opens_and_the_first_seals() {
    let home = place(1, "token");
    let (old, both, new) = (vault(&[1]), vault(&[2, 1]), vault(&[2]));
    let row = old.seal(home, &secret("canary")).unwrap();
    assert_eq!(both.open(home, &row).unwrap().expose(), "canary");
    assert_eq!(new.open(home, &row).unwrap_err(), VaultError::UnknownKey);
    let fresh = both.seal(home, &secret("canary")).unwrap();
    assert_eq!(new.open(home, &fresh).unwrap().expose(), "canary");
    assert_eq!(old.open(home, &fresh).unwrap_err(), VaultError::UnknownKey);
}

#[test]
fn what_an_older_key_sealed_is_sealed_again_once() {
    let home = place(1, "token");
    let row = vault(&[1]).seal(home, &secret("canary")).unwrap();
    let both = vault(&[2, 1]);
    let fresh = both.reseal(home, &row).unwrap().expect("it was under the older key");
    assert_eq!(vault(&[2]).open(home, &fresh).unwrap().expose(), "canary");
    assert_eq!(both.reseal(home, &fresh), Ok(None));
    // Nor is anything moved to where it does not belong, or repaired that is broken.
    assert_eq!(both.reseal(place(2, "token"), &row), Err(VaultError::Refused));
    assert_eq!(both.reseal(place(1, "pin"), &fresh), Err(VaultError::Refused));
    assert_eq!(vault(&[2]).reseal(home, &row), Err(VaultError::UnknownKey));
}

#[test]
fn one_secret_never_has_the_same_envelope_twice() {
    let vault = vault(&[1]);
    let seal = |_| bytes(&vault.seal(place(1, "token"), &secret("x")).unwrap())[6..18].to_vec();
    let nonces: std::collections::HashSet<Vec<u8>> = (0..2_000).map(seal).collect();
    assert_eq!(nonces.len(), 2_000);
}

#[test]
fn a_key_that_was_replaced_under_its_id_opens_nothing() {
    let home = place(1, "token");
    let row = vault(&[1]).seal(home, &secret("canary")).unwrap();
    let other = format!("1:{}", STANDARD.encode([9; 32]));
    let other = Vault::new(Arc::new(KeyRing::parse(&other).unwrap()));
    assert_eq!(other.open(home, &row).unwrap_err(), VaultError::Refused);
}

#[test]
fn another_version_or_key_is_named_and_another_label_refused() {
    let home = place(1, "token");
    let vault = vault(&[1, 2]);
    let row = bytes(&vault.seal(home, &secret("canary")).unwrap());
    let with = |at: usize, byte: u8| {
        let mut row = row.clone();
        row[at] = byte;
        vault.open(home, &sealed(&row)).unwrap_err()
    };
    assert_eq!(with(0, 0xE2), VaultError::Malformed);
    assert_eq!(with(1, 2), VaultError::UnknownVersion);
    assert_eq!(with(1, 0), VaultError::UnknownVersion);
    assert_eq!(with(5, 3), VaultError::UnknownKey);
    assert_eq!(with(5, 2), VaultError::Refused, "the label of another key of the ring");
}

#[test]
fn nothing_shows_a_secret() {
    let vault = vault(&[1]);
    let (home, canary) = (place(1, "token"), secret("canary"));
    let row = vault.seal(home, &canary).unwrap();
    let shown = format!("{canary:?} {vault:?} {row:?} {:?}", vault.open(home, &row));
    assert!(!shown.contains("canary") && !shown.contains(&row.0[8..16]), "{shown}");
    for error in [
        VaultError::Malformed,
        VaultError::UnknownVersion,
        VaultError::UnknownKey,
        VaultError::Refused,
    ] {
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Each bit of the envelope, each length that is too short, each character of its text.
    #[test]
    fn an_envelope_that_is_changed_anywhere_never_opens(
        text in ".{0,64}", client: u128, field in "[a-z.]{0,24}", more: u8,
    ) {
        let (vault, home) = (vault(&[1, 2, 3]), place(client, &field));
        let row = vault.seal(home, &secret(&text)).unwrap();
        let opened = vault.open(home, &row).unwrap();
        prop_assert_eq!(opened.expose(), text.as_str());

        let whole = bytes(&row);
        for bit in 0..whole.len() * 8 {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(vault.open(home, &sealed(&changed)).is_err(), "bit {}", bit);
        }
        for length in 0..whole.len() {
            prop_assert!(vault.open(home, &sealed(&whole[..length])).is_err(), "{} bytes", length);
        }
        let longer = [&whole[..], &[more]].concat();
        prop_assert!(vault.open(home, &sealed(&longer)).is_err());

        // One envelope has one text: also its spelling cannot be changed.
        for at in 0..row.0.len() {
            for other in ["A", "/", "=", " ", "é", ""] {
                let changed = [&row.0[..at], other, &row.0[at + 1..]].concat();
                let same = changed == row.0;
                prop_assert_eq!(vault.open(home, &Sealed(changed)).is_ok(), same, "{} at {}", other, at);
            }
        }
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(
        row in prop::collection::vec(any::<u8>(), 0..80), begin in 0..3_usize,
    ) {
        let vault = vault(&[1]);
        let ours = bytes(&vault.seal(place(1, "token"), &secret("x")).unwrap());
        let begin = [0, 6, 18][begin];
        let row = [&ours[..begin], &row].concat();
        prop_assert!(vault.open(place(1, "token"), &sealed(&row)).is_err());
        prop_assert!(vault.reseal(place(1, "token"), &sealed(&row)).is_err());
    }

    #[test]
    fn any_text_is_refused_without_a_panic(text in "\\PC{0,120}") {
        let vault = vault(&[1]);
        prop_assert!(vault.open(place(1, "token"), &Sealed(text)).is_err());
    }
}

//! One history of messages, statuses, changes and choices ends in one and the same state, however Meta cuts
//! it into deliveries, repeats it, and mixes its order.

mod office;
mod tale;

use proptest::{prelude::*, test_runner::TestRunner};

use self::{office::Office, tale::Happening};

/// How a history is told: in which order, what of it twice, and where deliveries are cut.
#[derive(Debug, Clone)]
struct Telling {
    order: Vec<usize>,
    cuts: Vec<bool>,
}

impl Telling {
    fn in_order(count: usize) -> Self {
        Self { order: (0..count).collect(), cuts: vec![true; count] }
    }

    /// Any order, with up to a third of it twice.
    fn any(count: usize) -> impl Strategy<Value = Self> {
        let twice = proptest::collection::vec(0..count, 0..=count / 3);
        let order = twice.prop_flat_map(move |twice| {
            let all: Vec<usize> = (0..count).chain(twice).collect();
            Just(all).prop_shuffle()
        });
        order.prop_flat_map(|order| {
            let cuts = proptest::collection::vec(prop::bool::weighted(0.4), order.len());
            cuts.prop_map(move |cuts| Self { order: order.clone(), cuts })
        })
    }

    /// The deliveries.
    fn deliveries(&self, history: &[Happening]) -> Vec<Vec<u8>> {
        let mut deliveries = vec![Vec::new()];
        for (index, cut) in self.order.iter().zip(&self.cuts) {
            deliveries.last_mut().unwrap().push(&history[*index]);
            if *cut {
                deliveries.push(Vec::new());
            }
        }
        deliveries.retain(|delivery| !delivery.is_empty());
        deliveries.iter().map(|delivery| tale::body(delivery)).collect()
    }
}

/// The lines that stand in one state only.
fn difference(plain: &str, mixed: &str) -> String {
    let only = |sign, of: &str, not: &str| {
        let lines = of.lines().filter(|line| !not.lines().any(|other| other == *line));
        lines.map(|line| format!("\n{sign} {line}")).collect::<String>()
    };
    only('-', plain, mixed) + &only('+', mixed, plain)
}

async fn told(history: &[Happening], telling: &Telling) -> Office {
    let office = Office::open().await;
    for body in telling.deliveries(history) {
        office.take(&body).await;
    }
    office
}

#[test]
fn however_a_history_is_told_it_ends_the_same() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new(ProptestConfig { cases: 64, ..ProptestConfig::default() });
    let cases = tale::history().prop_flat_map(|history| {
        let count = history.len();
        (Just(history), Telling::any(count))
    });
    runner
        .run(&cases, |(history, telling)| {
            runtime.block_on(async {
                let plain = told(&history, &Telling::in_order(history.len())).await;
                let mixed = told(&history, &telling).await;
                let differs = difference(&plain.state().await, &mixed.state().await);
                prop_assert!(differs.is_empty(), "{}", differs);
                mixed.check_log().await;
                Ok(())
            })
        })
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_is_told_whole_in_one_delivery_ends_the_same() {
    let history = tale::everything();
    let plain = told(&history, &Telling::in_order(history.len())).await;
    let order = (0..history.len()).rev().collect();
    let at_once = Telling { order, cuts: vec![false; history.len()] };
    let mixed = told(&history, &at_once).await;
    assert_eq!(plain.state().await, mixed.state().await);
    mixed.check_log().await;
    // What it ends in is something.
    insta::assert_snapshot!(plain.state().await);
}

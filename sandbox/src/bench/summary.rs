//! What is printed: for each job every figure's median over the runs, its range, and the goal beside it.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    figures::{AtLeast, AtMost, Figure, Goal},
    job::Job,
    run::Sample,
};

/// Width of the names, so that all tables line up.
const LABEL: usize = 40;
/// Width of a number.
const NUMBER: usize = 10;

/// The runs of one job.
#[derive(Debug)]
pub(super) struct Series {
    name: String,
    connections: u32,
    goals: &'static [(Figure, Goal)],
    pub(super) samples: Vec<Sample>,
}

impl Series {
    pub(super) fn of(job: &Job) -> Self {
        let Job { name, connections, goals, work: _ } = job;
        let (name, connections) = (name.clone(), *connections);
        Self { name, connections, goals, samples: Vec::new() }
    }

    /// Answers that were not the expected ones.
    pub(super) fn unexpected(&self) -> u64 {
        self.samples.iter().flat_map(|sample| sample.faults.values()).sum()
    }

    fn goal(&self, figure: Figure) -> Option<Goal> {
        self.goals.iter().find(|(of, _)| *of == figure).map(|(_, goal)| *goal)
    }
}

/// All tables; nothing of a job that has not run.
pub(super) fn render(all: &[Series]) -> String {
    let mut text = String::new();
    for series in all.iter().filter(|series| !series.samples.is_empty()) {
        text.push_str(&table(series));
        text.push_str(&remarks(series));
        text.push('\n');
    }
    text
}

fn table(series: &Series) -> String {
    let Series { name, connections, goals: _, samples } = series;
    let (runs, plural) = (samples.len(), if *connections == 1 { "" } else { "s" });
    let mut values: BTreeMap<Figure, Vec<f64>> = BTreeMap::new();
    for (figure, value) in samples.iter().flat_map(|sample| &sample.figures) {
        values.entry(*figure).or_default().push(*value);
    }
    let title = format!("{name}, {connections} connection{plural}");
    // Writing into a String cannot fail.
    let mut text = String::new();
    let _ = writeln!(text, "{title}\n{:LABEL$} {:>NUMBER$}   range of {runs}", "", "median");
    for (figure, values) in &mut values {
        let line = line(*figure, values, series.goal(*figure));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn line(figure: Figure, values: &mut [f64], goal: Option<Goal>) -> String {
    values.sort_unstable_by(f64::total_cmp);
    let digits = figure.digits();
    let number = |value: f64| format!("{value:.digits$}");
    let (median, least, most) = (median(values), values.first(), values.last());
    let range = match (least, most) {
        (Some(least), Some(most)) => format!("{} \u{2013} {}", number(*least), number(*most)),
        _ => String::new(),
    };
    let goal = match goal {
        None => String::new(),
        Some(goal) => {
            let verdict = if goal.is_reached(median) { "reached" } else { "MISSED" };
            match goal {
                AtLeast(least) => format!("goal \u{2265} {least}: {verdict}"),
                AtMost(most) => format!("goal \u{2264} {most}: {verdict}"),
            }
        }
    };
    format!("{:LABEL$} {:>NUMBER$}   {range:<22}{goal}", figure.label(), number(median))
}

/// Of sorted values.
fn median(values: &[f64]) -> f64 {
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// Answers by status, faults by kind, refusals of Meta by code, of all runs together.
fn remarks(series: &Series) -> String {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for Sample { figures: _, answers, faults, refused } in &series.samples {
        for (status, count) in answers {
            *counts.entry(format!("answered {status}")).or_default() += count;
        }
        for (fault, count) in faults {
            *counts.entry(format!("UNEXPECTED {fault}")).or_default() += count;
        }
        for (code, count) in refused {
            *counts.entry(format!("refused by Meta with {code}")).or_default() += count;
        }
    }
    counts.iter().fold(String::new(), |mut text, (what, count)| {
        let _ = writeln!(text, "{what}: {count}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(rate: f64, p50: f64) -> Sample {
        Sample {
            figures: vec![(Figure::Rate, rate), (Figure::P50, p50)],
            answers: BTreeMap::from([(200, 4)]),
            faults: BTreeMap::new(),
            refused: BTreeMap::new(),
        }
    }

    fn series(samples: Vec<Sample>) -> Series {
        const GOALS: &[(Figure, Goal)] =
            &[(Figure::Rate, AtLeast(1_500.0)), (Figure::P50, AtMost(3.0))];
        Series { name: String::from("lists"), connections: 64, goals: GOALS, samples }
    }

    #[test]
    fn medians_ranges_and_goals_stand_beside_each_other() {
        let samples = vec![sample(1_700.4, 3.5), sample(1_400.0, 2.25), sample(1_600.0, 3.25)];
        let text = render(&[series(samples), series(Vec::new())]);
        let lines: Vec<Vec<&str>> =
            text.lines().map(|line| line.split_whitespace().collect()).collect();
        let lines: Vec<String> = lines.iter().map(|words| words.join(" ")).collect();
        assert_eq!(
            lines,
            [
                "lists, 64 connections",
                "median range of 3",
                "answered per second 1600 1400 \u{2013} 1700 goal \u{2265} 1500: reached",
                "latency p50, ms 3.25 2.25 \u{2013} 3.50 goal \u{2264} 3: MISSED",
                "answered 200: 12",
                "",
            ]
        );
    }

    #[test]
    fn faults_and_refusals_are_told_and_only_faults_count() {
        let mut first = sample(1.0, 1.0);
        first.faults.insert(String::from("503 SERVICE_UNAVAILABLE"), 2);
        first.refused.insert(String::from("130429"), 7);
        let series = series(vec![first, sample(3.0, 1.0)]);
        assert_eq!(series.unexpected(), 2);
        let text = render(&[series]);
        assert!(text.contains("\nUNEXPECTED 503 SERVICE_UNAVAILABLE: 2\n"), "{text}");
        assert!(text.contains("\nrefused by Meta with 130429: 7\n"), "{text}");
    }

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), 3.0);
        assert!(median(&[]).is_nan());
    }
}

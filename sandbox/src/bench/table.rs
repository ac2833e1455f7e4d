//! The table that is printed: one line per run, and below it what else happened.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use super::{load::Tally, meters::Cost};

const HEAD: [&str; 13] = [
    "run",
    "conns",
    "ops",
    "ops/s",
    "applied/s",
    "p50 ms",
    "p90 ms",
    "p99 ms",
    "max ms",
    "edge \u{b5}s/op",
    "core \u{b5}s/op",
    "peak MiB core+edge",
    "syncs/op",
];

/// One run.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) connections: u32,
    /// Facts told by webhook, per second until the last one was applied.
    pub(super) applied_per_second: Option<f64>,
    pub(super) tally: Tally,
    pub(super) cost: Cost,
    /// What Meta refused, by code; a throttled message is sent again, so this is no fault.
    pub(super) refused: BTreeMap<String, u64>,
}

impl Row {
    /// Answers that were not the expected ones.
    pub(super) fn unexpected(&self) -> u64 {
        self.tally.faulty()
    }

    fn cells(&self) -> [String; HEAD.len()] {
        let Self { name, connections, applied_per_second, tally, cost, refused: _ } = self;
        let Cost { core_cpu, edge_cpu, core_peak, edge_peak, syncs } = *cost;
        let done = tally.done();
        let latency = |quantile| millis(tally.latency.value_at_quantile(quantile));
        [
            name.clone(),
            connections.to_string(),
            done.to_string(),
            format!("{:.0}", done as f64 / tally.took.as_secs_f64()),
            or_dash(applied_per_second.map(|rate| format!("{rate:.0}"))),
            latency(0.50),
            latency(0.90),
            latency(0.99),
            millis(tally.latency.max()),
            or_dash(edge_cpu.and_then(|cpu| micros_each(cpu, done))),
            or_dash(core_cpu.and_then(|cpu| micros_each(cpu, done))),
            format!("{}+{}", or_dash(core_peak.map(mib)), or_dash(edge_peak.map(mib))),
            or_dash(syncs.filter(|_| done > 0).map(|n| format!("{:.3}", n as f64 / done as f64))),
        ]
    }

    /// Answers by status, faults by kind, refusals of Meta by code.
    fn remarks(&self) -> String {
        let Row { name, tally, refused, .. } = self;
        let mut line = format!("{name}:");
        for (status, count) in &tally.answers {
            // Writing into a String cannot fail.
            let _ = write!(line, " {status} \u{d7} {count};");
        }
        for (fault, count) in &tally.faults {
            let _ = write!(line, " unexpected: {fault} \u{d7} {count};");
        }
        for (code, count) in refused {
            let _ = write!(line, " refused by Meta: {code} \u{d7} {count};");
        }
        line.trim_end_matches(';').to_owned()
    }
}

fn or_dash(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| String::from("-"))
}

fn millis(micros: u64) -> String {
    format!("{:.1}", micros as f64 / 1_000.0)
}

fn micros_each(cpu: Duration, count: u64) -> Option<String> {
    (count > 0).then(|| format!("{:.0}", cpu.as_secs_f64() * 1e6 / count as f64))
}

fn mib(bytes: u64) -> String {
    (bytes >> 20).to_string()
}

/// The whole table; nothing when there was no run.
pub(super) fn render(rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let head = HEAD.map(str::to_owned);
    let mut text = align(std::iter::once(head).chain(rows.iter().map(Row::cells)).collect());
    text.push('\n');
    for row in rows {
        text.push_str(&row.remarks());
        text.push('\n');
    }
    text
}

/// Names to the left, numbers to the right, two blanks between columns.
fn align<const N: usize>(lines: Vec<[String; N]>) -> String {
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or_default());
    let mut text = String::new();
    for line in &lines {
        for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
            let _ = match column {
                0 => write!(text, "{cell:<width$}"),
                _ => write!(text, "  {cell:>width$}"),
            };
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram;

    fn row(name: &str, latencies: &[u64], cost: Cost) -> Row {
        let mut latency = Histogram::new_with_max(1_000_000, 3).expect("a histogram");
        latencies.iter().for_each(|micros| latency.saturating_record(*micros));
        let done = latencies.len() as u64;
        let tally = Tally {
            latency,
            answers: BTreeMap::from([(200, done)]),
            faults: BTreeMap::new(),
            last: Vec::new(),
            took: Duration::from_secs(2),
        };
        Row {
            name: name.to_owned(),
            connections: 64,
            applied_per_second: None,
            tally,
            cost,
            refused: BTreeMap::new(),
        }
    }

    #[test]
    fn columns_line_up_and_what_was_not_metered_is_a_dash() {
        let cost = Cost {
            core_cpu: Some(Duration::from_millis(1)),
            edge_cpu: Some(Duration::from_micros(500)),
            core_peak: Some(80 << 20),
            edge_peak: Some(40 << 20),
            syncs: Some(1),
        };
        let mut first = row("webhooks", &[1_000, 2_000, 3_000, 10_000], cost);
        first.applied_per_second = Some(1.6);
        let second = row("sends, statuses off", &[500], Cost::default());
        let text = render(&[first, second]);
        let lines: Vec<&str> = text.lines().collect();
        let widths: Vec<usize> = lines[..3].iter().map(|line| line.chars().count()).collect();
        assert_eq!(widths, [widths[0]; 3], "{text}");
        let cells: Vec<&str> = lines[1].split_whitespace().collect();
        let expected = [
            "webhooks", "64", "4", "2", "2", "2.0", "10.0", "10.0", "10.0", "125", "250", "80+40",
            "0.250",
        ];
        assert_eq!(cells, expected, "{text}");
        assert!(lines[2].ends_with("-+-         -"), "{text}");
        assert_eq!(lines[4], "webhooks: 200 \u{d7} 4");
    }

    #[test]
    fn faults_and_refusals_are_told_and_only_faults_count() {
        let mut row = row("sends", &[1_000], Cost::default());
        row.refused.insert(String::from("130429"), 7);
        assert_eq!(row.unexpected(), 0);
        row.tally.faults.insert(String::from("503 SERVICE_UNAVAILABLE"), 2);
        assert_eq!(row.unexpected(), 2);
        assert_eq!(
            row.remarks(),
            "sends: 200 \u{d7} 1; unexpected: 503 SERVICE_UNAVAILABLE \u{d7} 2; \
             refused by Meta: 130429 \u{d7} 7"
        );
        assert_eq!(render(&[]), "");
    }
}

//! What a load needs: connected recruiters, and conversations that candidates have opened.
//!
//! Everything is made through the front doors (Meta's accounts, the REST API, the candidates'
//! phones), so the service and the simulated Meta agree on every window.

use std::{collections::HashMap, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{
    drain,
    error::BenchError,
    http::{list, number, string},
    target::Target,
};
use crate::meta::{Clock, SeedAccount, account::Account, number::WaNumber};

/// Connections made at once; each costs the core several calls to Meta.
const CONNECTING: usize = 8;
/// Candidates who write at once.
const WRITING: usize = 64;
/// Rows of one page, the most that the API gives.
const PAGE: &str = "100";
/// How long the last conversations may take to appear.
const PATIENCE: Duration = Duration::from_secs(60);

/// An owner and the business account behind their client.
#[derive(Debug)]
pub(super) struct Recruiter {
    pub(super) owner: String,
    pub(super) account: Account,
}

/// An open conversation.
#[derive(Debug)]
pub(super) struct Thread {
    /// Place in [`Scene::recruiters`].
    pub(super) recruiter: usize,
    pub(super) candidate: WaNumber,
    pub(super) conversation: String,
}

/// Everybody on the stage.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) recruiters: Vec<Recruiter>,
    /// Neighbours belong to different recruiters, so that a walk spreads over all of them.
    pub(super) threads: Vec<Thread>,
    /// Business time of the simulated Meta.
    pub(super) clock: Clock,
}

/// Adds the headers by which the edge knows an owner.
pub(super) fn identified(request: RequestBuilder, owner: &str) -> RequestBuilder {
    request.header("email", owner).header("role", "MANAGER")
}

impl Scene {
    /// Makes recruiters of their own for this process and has candidates write to them, dealt out
    /// evenly: each writes to one recruiter.
    pub(super) async fn set(
        target: &Target,
        recruiters: u32,
        conversations: u32,
    ) -> Result<Self, BenchError> {
        let what = "reading Meta's clock";
        let request = target.http.get(target.graph.below("_clock"));
        let told = target.http.json(what, request, &[200]).await?;
        let offset = told["offsetMs"].as_i64().unwrap_or_default();

        let accounts = recruiters.min(conversations);
        // Another start on the same target shall not meet the numbers of this one.
        let first = rand::random_range(0..9_000_000_u32);
        let recruiters: Vec<Recruiter> = stream::iter(0..accounts)
            .map(|n| recruiter(target, first + n))
            .buffered(CONNECTING)
            .try_collect()
            .await?;
        let mut scene = Self { recruiters, threads: Vec::new(), clock: Clock::starting_at(offset) };
        let wanted = scene.candidates(conversations);
        let opened = stream::iter(&wanted)
            .map(|(place, candidate)| opens(target, &scene.recruiters[*place].account, candidate));
        opened.buffer_unordered(WRITING).try_collect::<()>().await?;
        scene.threads = scene.find(target, wanted).await?;
        Ok(scene)
    }

    /// The thread of the request with this number.
    pub(super) fn thread(&self, n: u64) -> &Thread {
        let place = n % self.threads.len() as u64;
        &self.threads[usize::try_from(place).unwrap_or_default()]
    }

    /// One candidate per conversation, with the recruiter each of them writes to.
    fn candidates(&self, count: u32) -> Vec<(usize, WaNumber)> {
        (0..count)
            .zip((0..self.recruiters.len()).cycle())
            .filter_map(|(n, place)| Some((place, WaNumber::parse(&format!("4915100{n:06}"))?)))
            .collect()
    }

    /// Waits until every candidate has a conversation, and learns the ids.
    async fn find(
        &self,
        target: &Target,
        wanted: Vec<(usize, WaNumber)>,
    ) -> Result<Vec<Thread>, BenchError> {
        let what = "the conversations to open";
        let mut known: HashMap<(usize, String), String> = HashMap::new();
        for (place, recruiter) in self.recruiters.iter().enumerate() {
            let expected = wanted.iter().filter(|(of, _)| *of == place).count();
            let rows = drain::until(what, PATIENCE, async || {
                let rows = conversations(target, recruiter).await?;
                let open = rows.iter().filter(|row| row["inWindow"] == json!(true)).count();
                Ok((open == expected).then_some(rows))
            })
            .await?;
            for row in rows {
                let candidate = string(&row["candidate"], "waId", what)?;
                known.insert((place, candidate), string(&row, "id", what)?);
            }
        }
        let thread = |(recruiter, candidate): (usize, WaNumber)| {
            let conversation = known.remove(&(recruiter, candidate.to_string()));
            let missing = || BenchError::Refused { what, answer: String::from("another waId") };
            Ok(Thread { recruiter, candidate, conversation: conversation.ok_or_else(missing)? })
        };
        wanted.into_iter().map(thread).collect()
    }

    /// Unread messages of all recruiters: every applied inbound message counts once.
    pub(super) async fn unread(&self, target: &Target) -> Result<u64, BenchError> {
        let mut sum = 0;
        for recruiter in &self.recruiters {
            for row in conversations(target, recruiter).await? {
                sum += number(&row, "unreadCount", "counting unread messages")?;
            }
        }
        Ok(sum)
    }
}

/// Opens an account at Meta and connects an owner with it.
async fn recruiter(target: &Target, n: u32) -> Result<Recruiter, BenchError> {
    let http = &target.http;
    let what = "opening an account at Meta";
    let wanted = json!({"name": format!("Bench {n:07}"), "phone": format!("1556{n:07}")});
    let request = http.post(target.graph.below("_accounts")).json(&wanted);
    let told = http.json(what, request, &[200]).await?;
    let seed = SeedAccount {
        access_token: string(&told, "accessToken", what)?,
        business_id: string(&told, "businessId", what)?,
        waba_id: string(&told, "wabaId", what)?,
        phone_number_id: string(&told, "phoneNumberId", what)?,
        number: string(&told, "phone", what)?,
        verified_name: string(&told, "verifiedName", what)?,
        registered: true,
    };
    let link = json!({
        "phoneNumberId": seed.phone_number_id,
        "wabaId": seed.waba_id,
        "accessToken": seed.access_token,
    });
    let strange = || BenchError::Refused { what, answer: String::from("not a number") };
    let (account, _, _) = seed.open(0).ok_or_else(strange)?;

    let what = "connecting a client";
    let owner = format!("bench-{n:07}@linkojob.test");
    let request = http.post(target.edge.at("/api/clients")).json(&link);
    let client = http.json(what, identified(request, &owner), &[201]).await?;
    match string(&client, "status", what)?.as_str() {
        "CONNECTED" => Ok(Recruiter { owner, account }),
        other => Err(BenchError::Refused { what, answer: other.to_owned() }),
    }
}

/// The candidate writes; returns when the webhook was acknowledged.
async fn opens(target: &Target, account: &Account, candidate: &WaNumber) -> Result<(), BenchError> {
    let mut url = target.graph.at(&format!("/phone/{candidate}/messages"));
    url.set_query(Some("wait=true"));
    let body = json!({"text": "Hello", "phoneNumberId": account.phone_number_id});
    let told = target.http.json("a candidate writes", target.http.post(url).json(&body), &[200]);
    told.await.map(drop)
}

/// All conversations of one recruiter.
async fn conversations(target: &Target, recruiter: &Recruiter) -> Result<Vec<Value>, BenchError> {
    let what = "listing conversations";
    let (mut rows, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut url = target.edge.at("/api/conversations");
        url.query_pairs_mut().append_pair("limit", PAGE);
        if let Some(cursor) = &cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        let request = identified(target.http.get(url), &recruiter.owner);
        let page = target.http.json(what, request, &[200]).await?;
        rows.extend(list(&page, "data", what)?.iter().cloned());
        cursor = page["nextCursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return Ok(rows);
        }
    }
}

impl Scene {
    /// One recruiter and one candidate who writes to them, known to nobody.
    pub(super) fn alone() -> Self {
        let (account, _, _) = SeedAccount::default().open(0).expect("an account");
        let candidate = WaNumber::parse("4915100000001").expect("a number");
        let owner = String::from("bench@linkojob.test");
        let thread = Thread { recruiter: 0, candidate, conversation: String::from("c") };
        Self {
            recruiters: vec![Recruiter { owner, account }],
            threads: vec![thread],
            clock: Clock::default(),
        }
    }
}

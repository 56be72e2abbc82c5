//! How often a host is asked. Publishers give this away for free; nobody is to notice us.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::Settings;

/// So many requests in so long a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub requests: u32,
    /// In how long.
    pub per: Duration,
}

impl Rate {
    /// What the NVD asks for from those without a key.
    pub const NVD: Self = Self {
        requests: 5,
        per: Duration::from_secs(30),
    };
    /// What the NVD grants to those with a key.
    pub const NVD_WITH_KEY: Self = Self {
        requests: 50,
        per: Duration::from_secs(30),
    };
    /// For everybody else.
    pub const USUAL: Self = Self {
        requests: 40,
        per: Duration::from_secs(2),
    };
}

const NVD_HOST: &str = "services.nvd.nist.gov";

/// Remembers when which host was asked.
#[derive(Debug)]
pub(super) struct Pace {
    rates: BTreeMap<String, Rate>,
    asked: Mutex<HashMap<String, VecDeque<Instant>>>,
}

impl Pace {
    pub(super) fn new(settings: &Settings) -> Self {
        let nvd = match settings.nvd_api_key {
            Some(_) => Rate::NVD_WITH_KEY,
            None => Rate::NVD,
        };
        let mut rates = BTreeMap::from([(NVD_HOST.to_owned(), nvd)]);
        rates.extend(settings.rates.clone());
        Self {
            rates,
            asked: Mutex::new(HashMap::new()),
        }
    }

    /// Takes the next free place; answers with when that is.
    pub(super) fn next(&self, host: &str, now: Instant) -> Instant {
        let rate = self.rates.get(host).copied().unwrap_or(Rate::USUAL);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let times = asked.entry(host.to_owned()).or_default();
        let most = rate.requests.max(1) as usize;
        while times.len() > most {
            times.pop_front();
        }
        // The n-th request before this one must be at least the whole time ago.
        let at = match times.len().checked_sub(most).and_then(|first| times.get(first)) {
            Some(first) => now.max(*first + rate.per),
            None => now,
        };
        times.push_back(at);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_request_waits_until_the_first_is_thirty_seconds_old() {
        let pace = Pace::new(&Settings::default());
        let start = Instant::now();
        let waits: Vec<u64> = (0..12)
            .map(|_| (pace.next(NVD_HOST, start) - start).as_secs())
            .collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 30, 30, 30, 30, 30, 60, 60]);
        assert_eq!(pace.next("elsewhere.example.com", start), start);
        let later = start + Duration::from_secs(300);
        assert_eq!(pace.next(NVD_HOST, later), later);
    }

    #[test]
    fn a_key_allows_ten_times_as_many() {
        let settings = Settings {
            nvd_api_key: Some(luumen_crypto::Secret::new("key")),
            ..Settings::default()
        };
        let pace = Pace::new(&settings);
        let start = Instant::now();
        let at = (0..51).map(|_| pace.next(NVD_HOST, start)).last();
        assert_eq!(at.map(|at| (at - start).as_secs()), Some(30));
    }
}

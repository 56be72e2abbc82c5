//! A finding in the making: its hosts and variants as they were known, and as they are written down.

use std::collections::HashMap;

use luumen_assess::{Entry, Event, Group, Origin, Standing, covered};
use luumen_store::{
    StoreError,
    assessments::{Facts, JudgedEvent, JudgedFinding, KnownFinding},
    findings::{self as store, Variant, host_sets},
};
use luumen_vuln::{Finding, Verdict};

use super::{
    Judge, Judged, Ordering,
    groups::{by_event, group_in, group_out, open_hosts},
    variants::{VariantKey, gravity},
};

/// A finding in the making.
pub(super) struct Draft<'k> {
    pub id: i64,
    pub known: Option<&'k KnownFinding>,
    pub groups: Vec<Group>,
    pub variants: Vec<Variant>,
    /// By what decides: place among the variants.
    pub places: HashMap<VariantKey, u32>,
    facts: Option<Facts>,
}

impl Judge<'_> {
    pub(super) fn draft<'k>(&self, known: Option<&'k KnownFinding>) -> Result<Draft<'k>, StoreError> {
        let mut draft = Draft {
            id: 0,
            known,
            groups: Vec::new(),
            variants: Vec::new(),
            places: HashMap::new(),
            facts: None,
        };
        match known {
            Some(known) => {
                draft.id = known.finding.id;
                draft.variants = store::read_variants(&known.variants)?;
                draft.groups = host_sets::read_groups(&known.groups)?
                    .into_iter()
                    .map(group_in)
                    .collect();
            }
            None => draft.id = self.next_id.fetch_add(1, Ordering::Relaxed) + 1,
        }
        Ok(draft)
    }

    /// Takes a finding into what came of it. False when no host has it and none ever had.
    pub(super) fn finish(
        &self,
        mut draft: Draft<'_>,
        vulnerability: &str,
        package: &str,
        entries: &[Entry],
        out: &mut Judged,
    ) -> Result<bool, StoreError> {
        draft.drop_unused();
        if draft.groups.is_empty() && draft.known.is_none() {
            return Ok(false);
        }
        let groups: Vec<host_sets::Group> = draft.groups.iter().map(group_out).collect();
        let groups = host_sets::write_groups(&groups);
        let variants_are_known = match draft.known {
            Some(known) => store::read_variants(&known.variants)? == draft.variants,
            None => false,
        };
        let facts = self.facts(&draft, vulnerability);
        let is_same = |known: &KnownFinding| known.groups == groups && facts_of(known) == facts;
        if variants_are_known && draft.known.is_some_and(is_same) {
            return Ok(true);
        }
        let severity = facts.severity;
        let finding = self.judged(&draft, vulnerability, package, facts, groups)?;
        if Origin::of(package).0 == Origin::Silent {
            // Information comes and goes without a word.
            out.findings.push(finding);
            return Ok(true);
        }
        for (kind, hosts) in by_event(entries) {
            let mut bytes = Vec::new();
            host_sets::write_hosts(&mut bytes, &hosts);
            out.events.push(JudgedEvent {
                finding: draft.id,
                kind,
                host_count: hosts.len() as i64,
                hosts: bytes,
                severity,
            });
        }
        for entry in entries {
            if entry.event == Event::NotEvaluable {
                out.kept.push((entry.host, draft.id, true));
            } else if entry.before == Some(Standing::NotEvaluable) {
                out.kept.push((entry.host, draft.id, false));
            }
        }
        out.findings.push(finding);
        Ok(true)
    }

    fn facts(&self, draft: &Draft<'_>, vulnerability: &str) -> Facts {
        let known = draft.known.map(facts_of).unwrap_or_default();
        let id = self.catalogue.vulnerability(vulnerability);
        let usual = id.and_then(|id| self.catalogue.view(id));
        let usual = usual.map_or(known.severity, |view| view.severity);
        let severities = draft.live().map(|variant| variant.severity.unwrap_or(usual));
        let severity = severities.max().unwrap_or(known.severity);
        let Some(facts) = &draft.facts else {
            return Facts { severity, ..known };
        };
        Facts {
            title: known.title.or_else(|| self.title(vulnerability)),
            severity,
            ..facts.clone()
        }
    }

    fn title(&self, vulnerability: &str) -> Option<String> {
        if !self.titles {
            return None;
        }
        let id = self.catalogue.vulnerability(vulnerability)?;
        let detail = self.catalogue.detail(id);
        detail.vulnerabilities.into_iter().find_map(|said| said.title)
    }

    fn judged(
        &self,
        draft: &Draft<'_>,
        vulnerability: &str,
        package: &str,
        facts: Facts,
        groups: Vec<u8>,
    ) -> Result<JudgedFinding, StoreError> {
        let count = |standing: Standing| -> i64 {
            let of = draft.groups.iter().filter(|group| group.standing == standing);
            of.map(|group| group.hosts.len() as i64).sum()
        };
        let (open, lost) = (count(Standing::Open), count(Standing::NotEvaluable));
        let moments = draft.groups.iter().map(|group| group.opened_at);
        let known = draft.known.map(|known| &known.finding);
        let ended = draft
            .groups
            .iter()
            .map(|group| group.since)
            .max()
            .unwrap_or(self.now);
        let covers = self.loaded.covers(vulnerability, package);
        let excepted = match covers.is_empty() {
            true => luumen_assess::Covered::default(),
            false => covered(&open_hosts(&draft.groups), &covers, self.now),
        };
        let verdict = draft
            .live()
            .map(|variant| variant.verdict.as_str())
            .max_by_key(|word| gravity(word));
        let usual = match Origin::of(package).0 {
            Origin::Silent => Verdict::Possible,
            _ => Verdict::Vulnerable,
        };
        let running = draft.live().filter_map(|variant| variant.running_kernel).max();
        Ok(JudgedFinding {
            id: draft.id,
            is_new: known.is_none(),
            vulnerability: vulnerability.to_owned(),
            package: package.to_owned(),
            facts,
            fix: draft.live().map(|variant| variant.fix).max().unwrap_or_default(),
            verdict: verdict.unwrap_or(usual.as_str()).to_owned(),
            running_kernel: running,
            end_of_life: draft.live().any(|variant| variant.end_of_life),
            open_host_count: open,
            not_evaluable_host_count: lost,
            resolved_host_count: count(Standing::Fixed),
            excepted_host_count: i64::from(excepted.count),
            excepted_until: excepted.until,
            first_opened_at: moments
                .clone()
                .chain(known.map(|known| known.first_opened_at))
                .min()
                .unwrap_or(self.now),
            last_opened_at: moments
                .chain(known.map(|known| known.last_opened_at))
                .max()
                .unwrap_or(self.now),
            resolved_at: (open + lost == 0).then_some(ended),
            variants: store::write_variants(&draft.variants)?,
            groups,
        })
    }
}

/// What is known of the vulnerability.
fn facts_of(known: &KnownFinding) -> Facts {
    let known = &known.finding;
    Facts {
        title: known.title.clone(),
        severity: known.severity,
        score: known.score,
        score_version: known.score_version.clone(),
        kev_added_at: known.kev_added_at,
        ransomware: known.ransomware,
        epss: known.epss,
    }
}

impl Draft<'_> {
    /// Variants of hosts that have it; of all that had it when none has.
    fn live(&self) -> impl Iterator<Item = &Variant> {
        let is_over = |group: &&Group| group.standing == Standing::Fixed;
        let all_over = self.groups.iter().all(|group| is_over(&group));
        let groups = self
            .groups
            .iter()
            .filter(move |group| all_over || !is_over(group));
        groups.filter_map(|group| self.variants.get(group.variant as usize))
    }

    /// The facts of the vulnerability. How grave it is depends on who speaks, and is the variants'.
    pub(super) fn take_facts(&mut self, finding: &Finding) {
        self.facts = Some(Facts {
            title: None,
            severity: finding.severity,
            score: finding.score,
            score_version: finding.score_version.clone(),
            kev_added_at: finding.kev_added_at,
            ransomware: finding.ransomware,
            epss: finding.epss,
        });
    }

    /// Forgets variants that no host has any more.
    fn drop_unused(&mut self) {
        let mut used = vec![false; self.variants.len()];
        for group in &self.groups {
            if let Some(used) = used.get_mut(group.variant as usize) {
                *used = true;
            }
        }
        if used.iter().all(|used| *used) {
            return;
        }
        let mut places = vec![0; used.len()];
        let mut next = 0;
        for (place, used) in places.iter_mut().zip(&used) {
            *place = next;
            next += u32::from(*used);
        }
        let mut at = 0;
        self.variants.retain(|_| {
            at += 1;
            used[at - 1]
        });
        for group in &mut self.groups {
            if let Some(place) = places.get(group.variant as usize) {
                group.variant = *place;
            }
        }
    }
}

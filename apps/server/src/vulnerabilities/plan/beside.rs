//! What of a list of packages the vendor's word does not reach: builds of others, and a kernel that was replaced and still runs.

use std::collections::HashMap;

use luumen_model::Package;
use luumen_store::findings::NotEvaluated;
use luumen_vuln::{
    is_apart, is_kernel, is_running_kernel, runs_a_replaced_one, told_of_apart, told_of_replaced,
};

use super::super::load::Loaded;

/// What is told of each list, once for all hosts that have it.
pub(super) struct Beside<'a> {
    sets: &'a HashMap<i64, Vec<i64>>,
    apart: HashMap<i64, &'a Package>,
    kernels: HashMap<i64, &'a Package>,
    told: HashMap<i64, Told<'a>>,
}

struct Told<'a> {
    apart: Option<String>,
    kernels: Vec<&'a Package>,
}

impl<'a> Beside<'a> {
    pub(super) fn new(loaded: &'a Loaded) -> Self {
        let all = || loaded.packages.iter().map(|(id, package)| (*id, package));
        Self {
            sets: &loaded.sets,
            apart: all().filter(|(_, package)| is_apart(package)).collect(),
            kernels: all().filter(|(_, package)| is_kernel(package)).collect(),
            told: HashMap::new(),
        }
    }

    /// What is told of a host with that list and kernel.
    pub(super) fn of(&mut self, set: i64, running: Option<&str>) -> Vec<NotEvaluated> {
        let told = self.told(set);
        let note = |what: &str, why: String| NotEvaluated {
            what: what.to_owned(),
            why,
        };
        let kernels = || told.kernels.iter().copied();
        let replaced = running.filter(|running| runs_a_replaced_one(kernels(), running));
        let apart = told
            .apart
            .iter()
            .map(|why| note("packages_of_others", why.clone()));
        apart
            .chain(replaced.map(|running| note("kernel", told_of_replaced(running))))
            .collect()
    }

    /// Whether an installed package of the list is the kernel that runs.
    pub(super) fn has(&mut self, set: i64, running: &str) -> bool {
        let kernels = self.told(set).kernels.iter();
        let mut installed = kernels.filter(|package| package.is_installed());
        installed.any(|package| is_running_kernel(package, running) == Some(true))
    }

    fn told(&mut self, set: i64) -> &Told<'a> {
        let (sets, apart, kernels) = (self.sets, &self.apart, &self.kernels);
        self.told.entry(set).or_insert_with(|| {
            let members = sets.get(&set).map_or(&[][..], Vec::as_slice);
            Told {
                apart: told_of_apart(members.iter().filter_map(|id| apart.get(id).copied())),
                kernels: members.iter().filter_map(|id| kernels.get(id).copied()).collect(),
            }
        })
    }
}

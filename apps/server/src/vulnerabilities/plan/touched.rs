//! Classes of which some packages are judged anew because something else is said of them, with the hosts that have not changed themselves.

use std::collections::HashSet;

use luumen_assess::{SILENT_FAMILY, silence_of};
use luumen_model::advisory::Platform;

use super::{Move, Planner, Reach, Unit, UnitPart, family_of};
use crate::vulnerabilities::{load::Touched, tracked::platform_from};

impl Planner<'_> {
    /// Plans them, beside what is planned for hosts that changed.
    pub(super) fn plan_touched(&mut self) {
        let moved: HashSet<u32> = self.plan.hosts.iter().map(|host| host.number).collect();
        let gone: HashSet<u32> = self.loaded.gone.iter().map(|host| host.number).collect();
        for touched in &self.loaded.touched {
            let stay = |host: &&u32| !moved.contains(host) && !gone.contains(host);
            let hosts: Vec<u32> = touched.hosts.iter().filter(stay).copied().collect();
            let packages = self.numbers(&touched.versions);
            let sources = self.sources_of(family_of(&touched.class), packages.iter());
            let mut judged = sources.clone();
            if touched.python {
                judged.extend(self.python_sources(&touched.class));
            }
            let said = &self.loaded.said_of_applications;
            let applications = self.application_unit(&touched.class, |name| said.contains(name));
            let own: HashSet<u32> = applications
                .iter()
                .flat_map(|unit| unit.sources.iter().copied())
                .collect();
            judged.extend(&own);
            let step = Move {
                hosts,
                system: Reach::Some {
                    sources,
                    complete: false,
                },
                // What the list does not have is no news: these hosts are as they were, and their lists may have gaps.
                python: match touched.python {
                    true => Reach::Some {
                        sources: self.python_sources(&touched.class).into_iter().collect(),
                        complete: false,
                    },
                    false => Reach::Nothing,
                },
                applications: match applications {
                    Some(_) => Reach::Some {
                        sources: own,
                        complete: false,
                    },
                    None => Reach::Nothing,
                },
            };
            match self.units.get(&touched.class.id) {
                Some(unit) => {
                    // Its hosts came from elsewhere, and all of it is judged for them. Only some of it would be "gone" for the rest.
                    let unit = &mut self.plan.units[*unit];
                    unit.judged = None;
                    unit.moves.push(step);
                }
                None => {
                    let mut unit = self.unit_of(touched, packages, judged, step);
                    unit.applications = applications;
                    self.plan.units.push(unit);
                }
            }
        }
    }

    fn unit_of(&mut self, touched: &Touched, packages: Vec<u32>, judged: HashSet<u32>, step: Move) -> Unit {
        let class = &touched.class;
        let mut parts = Vec::new();
        if let Some(platform) = class.platform.as_deref().filter(|_| !packages.is_empty()) {
            let platform = platform_from(platform);
            parts.extend(self.silent_part(&platform, packages.clone()));
            parts.push(UnitPart {
                platform: self.plan.fleet.platform(&platform),
                packages,
                running: class.kernel.clone(),
            });
        }
        if touched.python {
            parts.extend(self.python_part(class));
        }
        Unit {
            applications: None,
            runs_no_package: false,
            judged: Some(judged),
            base: class.cells.clone(),
            class: class.clone(),
            parts,
            moves: vec![step],
        }
    }

    /// The packages of a system whose vendor may be silent; none where the catalogue has nothing of upstream's.
    pub(super) fn silent_part(&mut self, system: &Platform, mut packages: Vec<u32>) -> Option<UnitPart> {
        let fleet = &mut self.plan.fleet;
        packages.retain(|package| fleet.source_in(SILENT_FAMILY, *package).is_some());
        let asked = self.loaded.has_upstream && !packages.is_empty();
        asked.then(|| UnitPart {
            platform: fleet.platform(&silence_of(system)),
            packages,
            running: None,
        })
    }
}

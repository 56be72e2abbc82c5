//! How what is open is written down: cells that were known keep their number, new ones get one, and classes name their cells.

use std::collections::HashMap;

use luumen_assess::Origin;
use luumen_store::{
    StoreError,
    assessments::{HostClass, IdList, JudgedCell},
};

use super::{
    assess::Known,
    findings::OpenCell,
    plan::{Plan, Unit},
};

/// What is written.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// New ones, and those in which something else is open.
    pub cells: Vec<JudgedCell>,
    /// New ones, and those that have other cells.
    pub classes: Vec<HostClass>,
}

pub(super) fn write_cells(
    plan: &Plan,
    last_class_id: i64,
    known: &Known,
    open: Vec<OpenCell>,
) -> Result<Written, StoreError> {
    let mut written = Written::default();
    let of_units = number_cells(plan, known, open, &mut written.cells);
    // A cell of a source that is judged stays in a class only if it was found again.
    let mut by_source: HashMap<&str, Vec<i64>> = HashMap::new();
    for cell in &known.cells {
        by_source.entry(&cell.source).or_default().push(cell.id);
    }
    for (unit, cells) in plan.units.iter().zip(of_units) {
        let is_new = unit.class.id > last_class_id;
        let cells = cells_of(plan, unit, cells, &by_source)?;
        if is_new || cells != unit.class.cells {
            written.classes.push(HostClass {
                cells,
                ..unit.class.clone()
            });
        }
    }
    Ok(written)
}

/// Gives every cell its number, and answers the numbers of each unit's cells.
fn number_cells(
    plan: &Plan,
    known: &Known,
    open: Vec<OpenCell>,
    written: &mut Vec<JudgedCell>,
) -> Vec<Vec<i64>> {
    let before: HashMap<(&str, u64), &JudgedCell> = known
        .cells
        .iter()
        .map(|cell| ((cell.source.as_str(), cell.mark), cell))
        .collect();
    let mut of_units = vec![Vec::new(); plan.units.len()];
    let mut last = known.last_cell_id;
    for mut cell in open {
        let source = plan.fleet.source(cell.source);
        cell.findings.sort_unstable();
        let before = before.get(&(source, cell.key));
        let id = before.map_or_else(
            || {
                last += 1;
                last
            },
            |before| before.id,
        );
        if before.is_none_or(|before| before.findings != cell.findings) {
            written.push(JudgedCell {
                id,
                source: source.to_owned(),
                mark: cell.key,
                findings: cell.findings,
                information: Origin::of(source).0 == Origin::Silent,
            });
        }
        for unit in cell.units {
            if let Some(cells) = of_units.get_mut(unit as usize) {
                cells.push(id);
            }
        }
    }
    of_units
}

/// The cells of a unit: those that were judged now, and those of packages that were not.
fn cells_of(
    plan: &Plan,
    unit: &Unit,
    mut now: Vec<i64>,
    by_source: &HashMap<&str, Vec<i64>>,
) -> Result<IdList, StoreError> {
    now.sort_unstable();
    now.dedup();
    let Some(judged) = &unit.judged else {
        return Ok(IdList::of(&now));
    };
    let before = unit.base.ids()?;
    let known = judged
        .iter()
        .filter_map(|source| by_source.get(plan.fleet.source(*source)));
    // A package has few cells and a class has many: looked up this way round, a class that stays costs little.
    let mut had: Vec<i64> = known
        .flatten()
        .filter(|id| before.binary_search(id).is_ok())
        .copied()
        .collect();
    had.sort_unstable();
    if had == now {
        return Ok(unit.base.clone());
    }
    now.extend(before.into_iter().filter(|id| had.binary_search(id).is_err()));
    now.sort_unstable();
    now.dedup();
    Ok(IdList::of(&now))
}

//! Numbers that change with every visit, kept apart so that the rest does not.

use luumen_model::{Timestamp, Vitals};

use super::{hardware::meminfo, mounts, os};
use crate::view::{Notes, View};

pub(super) fn read(view: &View<'_>, _notes: &mut Notes) -> Option<Vitals> {
    let uptime: Option<f64> = view
        .first("/proc/uptime")
        .and_then(|line| line.split(' ').next()?.parse().ok());
    let uptime_s = uptime
        .filter(|seconds| (0.0..1e11).contains(seconds))
        .map(|seconds| seconds as i64);
    let mut loads = view
        .first("/proc/loadavg")
        .unwrap_or_default()
        .split(' ')
        .map(|load| load.parse::<f64>().ok());
    let mut load = || loads.next().flatten().filter(|load| load.is_finite());
    let processes = view
        .sees_all_programs()
        .then(|| view.files("/proc/", "/comm").count());
    let swap_used = meminfo(view, "SwapTotal")
        .zip(meminfo(view, "SwapFree"))
        .map(|(total, free)| total.saturating_sub(free));
    let vitals = Vitals {
        uptime_s,
        load_1m: load(),
        load_5m: load(),
        load_15m: load(),
        mem_available_bytes: meminfo(view, "MemAvailable"),
        swap_used_bytes: swap_used,
        processes: processes.and_then(|count| i64::try_from(count).ok()),
        logged_in_users: sessions(view),
        clock_at: os::boot_seconds(view)
            .zip(uptime_s)
            .map(|(boot, up)| Timestamp::from_seconds(boot.saturating_add(up))),
        mounts: mounts::usages(view),
    };
    (vitals != Vitals::default()).then_some(vitals)
}

/// Login sessions, counted only where logind keeps them.
fn sessions(view: &View<'_>) -> Option<i64> {
    if !view.exists("/run/systemd/system") {
        return None;
    }
    let files = view
        .probed("/run/systemd/sessions/")
        .filter(|path| !path.ends_with(".ref"));
    i64::try_from(files.count()).ok()
}

//! Days and moments as publishers write them.

use luumen_model::Timestamp;

/// `2021-12-10` as midnight UTC.
pub(super) fn day(text: &str) -> Result<Timestamp, String> {
    let date: jiff::civil::Date = text.parse().map_err(|_| format!("{text:?} is not a day"))?;
    let midnight = date
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_err(|_| format!("{text:?} is outside of the calendar"))?;
    Ok(Timestamp::from_millis(midnight.timestamp().as_millisecond()))
}

/// RFC 3339, and the same without a zone (taken as UTC) as the NVD and others write it.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp::from_millis(at.as_millisecond()));
    }
    let local: jiff::civil::DateTime = text
        .parse()
        .map_err(|_| format!("{text:?} is not a date and time"))?;
    let at = local
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_err(|_| format!("{text:?} is outside of the calendar"))?;
    Ok(Timestamp::from_millis(at.timestamp().as_millisecond()))
}

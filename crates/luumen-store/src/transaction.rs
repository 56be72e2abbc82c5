//! A transaction that is begun anew when it met another one, for callers whose future must be `Send`.

/// Runs `$work` in a transaction of `$store` and commits it; begins anew when it met another transaction.
/// `$work` may run several times, so it changes nothing but the database. `$error` is made from `StoreError`.
///
/// A macro and not a function: a future that holds an async closure over references is not provably `Send`
/// (rust-lang/rust#110338), and a handler's must be.
#[macro_export]
macro_rules! transaction {
    ($store:expr, $error:ty, |$tx:ident| $work:expr) => {{
        let store: &$crate::Store = $store;
        let mut tries: u32 = 1;
        loop {
            let result: Result<_, $error> = async {
                let transaction = store.begin().await?;
                let $tx = &transaction;
                let value = $work.await?;
                transaction.commit().await.map_err($crate::StoreError::from)?;
                Ok(value)
            }
            .await;
            match result {
                Err(error) if $crate::Store::may_begin_anew(&error, tries) => {
                    $crate::Store::pause_before_try(tries).await;
                    tries += 1;
                }
                other => break other,
            }
        }
    }};
}

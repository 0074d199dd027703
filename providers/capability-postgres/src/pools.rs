//! Connections kept between sandboxes. A connection that is handed on has no transaction, setting, lock, table or
//! prepared statement of the sandbox before.

use crate::bindings::spin::postgres::postgres::Error;
use crate::failure;
use crate::tls;
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Addresses with connections at once, over all components.
const POOLS_MAX: usize = 64;
/// Connections to one address.
const POOL_CONNECTIONS_MAX: usize = 32;
const WAIT_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const CLEAN_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that nobody uses is closed after this, when the next is opened.
const IDLE_MAX: Duration = Duration::from_secs(60);
/// The server ends a statement after this.
pub(crate) const STATEMENT_MS_MAX: u64 = 60_000;

/// Statements that the driver prepared for itself stay; those of guests go.
const CLEAN: &str = "ROLLBACK; CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; \
     SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES; \
     DO $$DECLARE one text; BEGIN FOR one IN SELECT name FROM pg_prepared_statements WHERE from_sql LOOP \
     EXECUTE format('DEALLOCATE %I', one); END LOOP; END$$; ";

/// The connections of an application.
#[derive(Default)]
pub struct Pools(Mutex<BTreeMap<Key, Kept>>);

struct Kept {
    pool: Pool,
    used: Instant,
}

/// Whose connections, and to where. Never shown: an address may hold a password.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) component: Arc<str>,
    pub(crate) address: String,
    pub(crate) ca: Option<String>,
}

impl fmt::Debug for Pools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pools").finish_non_exhaustive()
    }
}

impl Pools {
    /// A clean connection; `config` is what the address of `key` says.
    pub(crate) async fn connect(&self, key: Key, config: Config) -> Result<Object, Error> {
        let pool = self.pool(key, config)?;
        pool.get().await.map_err(|error| refused(&error))
    }

    fn pool(&self, key: Key, config: Config) -> Result<Pool, Error> {
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        close_idle(&mut pools);
        let now = Instant::now();
        if let Some(kept) = pools.get_mut(&key) {
            kept.used = now;
            return Ok(kept.pool.clone());
        }
        if pools.len() >= POOLS_MAX {
            return Err(Error::ConnectionFailed(format!(
                "more than {POOLS_MAX} addresses at once; hint: use fewer users, databases and servers"
            )));
        }
        let pool = new_pool(config, key.ca.as_deref())?;
        let kept = Kept {
            pool: pool.clone(),
            used: now,
        };
        pools.insert(key, kept);
        Ok(pool)
    }
}

/// Closes what has long been unused, and forgets addresses without connections.
fn close_idle(pools: &mut BTreeMap<Key, Kept>) {
    pools.retain(|_key, kept| {
        kept.pool
            .retain(|_connection, metrics| metrics.last_used() < IDLE_MAX);
        kept.used.elapsed() < IDLE_MAX || kept.pool.status().size > 0
    });
}

fn new_pool(mut config: Config, ca: Option<&str>) -> Result<Pool, Error> {
    config.connect_timeout(CONNECT_TIMEOUT);
    // Who names an authority wants TLS, not TLS where the server likes it.
    if ca.is_some() && config.get_ssl_mode() == SslMode::Prefer {
        config.ssl_mode(SslMode::Require);
    }
    let limit = format!("SET statement_timeout = {STATEMENT_MS_MAX}");
    let manager_config = ManagerConfig {
        recycling_method: RecyclingMethod::Custom(format!("{CLEAN}{limit}")),
    };
    let manager = if config.get_ssl_mode() == SslMode::Disable {
        Manager::from_config(config, NoTls, manager_config)
    } else {
        let tls = tls::config(ca).map_err(|error| Error::ConnectionFailed(error.to_string()))?;
        Manager::from_config(config, MakeRustlsConnect::new(tls), manager_config)
    };
    Pool::builder(manager)
        .max_size(POOL_CONNECTIONS_MAX)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT_TIMEOUT))
        .create_timeout(Some(CONNECT_TIMEOUT))
        .recycle_timeout(Some(CLEAN_TIMEOUT))
        .post_create(Hook::async_fn(move |connection, _metrics| {
            let limit = limit.clone();
            Box::pin(async move { connection.batch_execute(&limit).await.map_err(HookError::Backend) })
        }))
        .build()
        .map_err(|error| Error::Other(error.to_string()))
}

fn refused(error: &PoolError) -> Error {
    Error::ConnectionFailed(match error {
        PoolError::Timeout(_) => format!(
            "no connection within {} s; hint: see that the server is there, and that fewer than {POOL_CONNECTIONS_MAX} connections to it are in use",
            WAIT_TIMEOUT.as_secs()
        ),
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
            failure::chain(error)
        }
        other => other.to_string(),
    })
}

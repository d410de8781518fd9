//! Which tables the store has. Four a stream, so that each key is short and a stream's log grows at its end alone.

use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, TableError, WriteTransaction};

use crate::topic::StreamName;

/// `schema` → the store's schema number.
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// Stream → its head's record.
pub(super) const HEADS: TableDefinition<&str, &[u8]> = TableDefinition::new("heads");

pub(super) type LogTable<'txn> = Table<'txn, u64, &'static [u8]>;
pub(super) type LastTable<'txn> = Table<'txn, &'static str, u64>;
pub(super) type KeysTable<'txn> = Table<'txn, &'static [u8; 32], u64>;
pub(super) type EndsTable<'txn> = Table<'txn, (u64, &'static [u8; 32]), ()>;

/// A stream's tables in a write transaction.
pub(super) struct StreamTables<'txn> {
    /// Offset → an entry's record.
    pub(super) log: LogTable<'txn>,
    /// Topic → its newest retained offset.
    pub(super) last: LastTable<'txn>,
    /// Dedupe key → when it ends.
    pub(super) keys: KeysTable<'txn>,
    /// The same in the order in which they end.
    pub(super) ends: EndsTable<'txn>,
}

impl<'txn> StreamTables<'txn> {
    pub(super) fn open(txn: &'txn WriteTransaction, stream: &StreamName) -> Result<Self, TableError> {
        Ok(Self {
            log: txn.open_table(TableDefinition::new(&format!("log:{stream}")))?,
            last: txn.open_table(TableDefinition::new(&format!("last:{stream}")))?,
            keys: txn.open_table(TableDefinition::new(&format!("keys:{stream}")))?,
            ends: txn.open_table(TableDefinition::new(&format!("ends:{stream}")))?,
        })
    }
}

/// A stream's log in a read transaction; none before its first event.
pub(super) fn read_log(
    txn: &ReadTransaction,
    stream: &StreamName,
) -> Result<Option<impl ReadableTable<u64, &'static [u8]> + use<>>, TableError> {
    there_yet(txn.open_table(TableDefinition::<u64, &[u8]>::new(&format!("log:{stream}"))))
}

pub(super) fn read_last(
    txn: &ReadTransaction,
    stream: &StreamName,
) -> Result<Option<impl ReadableTable<&'static str, u64> + use<>>, TableError> {
    there_yet(txn.open_table(TableDefinition::<&str, u64>::new(&format!("last:{stream}"))))
}

fn there_yet<T>(table: Result<T, TableError>) -> Result<Option<T>, TableError> {
    match table {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

//! Which tables the store has. Three a stream, so that each key is short and a stream's tables grow at their end alone.

use redb::{
    Error, ReadTransaction, ReadableTable, Table, TableDefinition, TableError, TableHandle as _,
    WriteTransaction,
};

use crate::topic::StreamName;

/// `schema` → the store's schema number; `journal` → the generation of the journal's frames that are not in this file, and
/// `journal_bytes` → how long theirs is; neither in a file that was closed.
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// Stream → its head's record.
pub(super) const HEADS: TableDefinition<&str, &[u8]> = TableDefinition::new("heads");

pub(super) type LogTable<'txn> = Table<'txn, u64, &'static [u8]>;
pub(super) type LastTable<'txn> = Table<'txn, &'static str, u64>;
pub(super) type EndsTable<'txn> = Table<'txn, EndKey, ()>;
/// When a dedupe key ends, and the key.
pub(super) type EndKey = (u64, &'static [u8; 32]);

/// A stream's tables in a write transaction.
pub(super) struct StreamTables<'txn> {
    /// Offset → an entry's record.
    pub(super) log: LogTable<'txn>,
    /// Topic → its newest retained offset.
    pub(super) last: LastTable<'txn>,
    /// When a dedupe key ends, and the key.
    pub(super) ends: EndsTable<'txn>,
}

impl<'txn> StreamTables<'txn> {
    pub(super) fn open(txn: &'txn WriteTransaction, stream: &StreamName) -> Result<Self, TableError> {
        Ok(Self {
            log: txn.open_table(TableDefinition::new(&format!("log:{stream}")))?,
            last: txn.open_table(TableDefinition::new(&format!("last:{stream}")))?,
            ends: txn.open_table(TableDefinition::new(&format!("ends:{stream}")))?,
        })
    }
}

/// Schema 1 had a table of keys for each stream, which held nothing that its ends do not.
pub(super) fn drop_tables_of_schema_1(txn: &WriteTransaction) -> Result<(), Error> {
    let tables: Vec<_> = txn.list_tables()?.filter(|table| table.name().starts_with("keys:")).collect();
    for table in tables {
        txn.delete_table(table)?;
    }
    Ok(())
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

pub(super) fn read_ends(
    txn: &ReadTransaction,
    stream: &StreamName,
) -> Result<Option<impl ReadableTable<EndKey, ()> + use<>>, TableError> {
    there_yet(txn.open_table(TableDefinition::<EndKey, ()>::new(&format!("ends:{stream}"))))
}

fn there_yet<T>(table: Result<T, TableError>) -> Result<Option<T>, TableError> {
    match table {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

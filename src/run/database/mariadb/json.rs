//! MariaDB's JSON: an alias of `longtext` with a check that the text is JSON, which alone tells it from other text.

use mysql_async::consts::ColumnType;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Column, Conn, Error};

use super::value::{BINARY, read_json};
use crate::evidence::Value;

/// `longtext`, as the protocol tells its length.
const LONG_TEXT: u32 = u32::MAX;

/// The positions of the columns that are declared as JSON.
pub(super) async fn find_columns(conn: &mut Conn, columns: &[Column]) -> Result<Vec<usize>, Error> {
    let mut found = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        let is_long_text = column.column_type() == ColumnType::MYSQL_TYPE_BLOB
            && column.character_set() != BINARY
            && column.column_length() == LONG_TEXT;
        if !is_long_text || column.org_table_ref().is_empty() {
            continue;
        }
        let sql = "select count(*) from information_schema.check_constraints where constraint_schema = ? \
                   and table_name = ? and constraint_name = ? and check_clause like 'json\\_valid(%'";
        let place = (
            column.schema_str().into_owned(),
            column.org_table_str().into_owned(),
            column.org_name_str().into_owned(),
        );
        if conn.exec_first::<u64, _, _>(sql, place).await?.is_some_and(|count| count > 0) {
            found.push(index);
        }
    }
    Ok(found)
}

/// Makes values of the texts in these columns.
pub(super) fn read_columns(rows: &mut [Vec<Value>], columns: &[usize]) {
    for row in rows {
        for index in columns {
            if let Some(value) = row.get_mut(*index)
                && let Value::Text(text) = value
            {
                *value = read_json(text);
            }
        }
    }
}

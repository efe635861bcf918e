#pragma once
// PostgreSQL's client library, loaded when the first database of that kind is opened: it brings two dozen libraries of its
// own, which a program that never meets a server should neither need nor load. The only header here that shows libpq.
#include <libpq-fe.h>

#include "base/result.hpp"

namespace iapp::store::internal {

/// libpq's functions by their names without the PQ.
struct Libpq {
    decltype(&::PQclear) clear;
    decltype(&::PQfinish) finish;
    decltype(&::PQconnectdbParams) connectdb_params;
    decltype(&::PQconninfoParse) conninfo_parse;
    decltype(&::PQconninfoFree) conninfo_free;
    decltype(&::PQstatus) status;
    decltype(&::PQtransactionStatus) transaction_status;
    decltype(&::PQsendQuery) send_query;
    decltype(&::PQsendPrepare) send_prepare;
    decltype(&::PQsendQueryPrepared) send_query_prepared;
    decltype(&::PQerrorMessage) error_message;
    decltype(&::PQsetNoticeProcessor) set_notice_processor;
    decltype(&::PQsetnonblocking) setnonblocking;
    decltype(&::PQsocket) socket;
    decltype(&::PQflush) flush;
    decltype(&::PQconsumeInput) consume_input;
    decltype(&::PQisBusy) is_busy;
    decltype(&::PQgetResult) get_result;
    decltype(&::PQresultStatus) result_status;
    decltype(&::PQresultErrorField) result_error_field;
    decltype(&::PQcmdStatus) cmd_status;
    decltype(&::PQcmdTuples) cmd_tuples;
    decltype(&::PQntuples) ntuples;
    decltype(&::PQgetisnull) getisnull;
    decltype(&::PQgetvalue) getvalue;
    decltype(&::PQgetlength) getlength;
    decltype(&::PQftype) ftype;
    decltype(&::PQunescapeBytea) unescape_bytea;
    decltype(&::PQfreemem) freemem;
};

/// Errors: unavailable "store.open" when the library is not installed.
Status load_libpq();

/// After load_libpq() succeeded.
const Libpq& libpq();

}  // namespace iapp::store::internal

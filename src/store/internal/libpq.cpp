#include "store/internal/libpq.hpp"

#include <dlfcn.h>

#include <string>

namespace iapp::store::internal {
namespace {

struct Loaded {
    Libpq functions{};
    std::string error{};
};

Loaded load()
{
    Loaded out;
    void* const library = ::dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);  // stays for as long as the program runs
    if (!library) {
        out.error = ::dlerror();
        return out;
    }
    const auto find = [&](auto& function, const char* name) {
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
        if (!function) out.error = std::string("it has no ") + name;
    };
    find(out.functions.clear, "PQclear");
    find(out.functions.finish, "PQfinish");
    find(out.functions.connectdb_params, "PQconnectdbParams");
    find(out.functions.conninfo_parse, "PQconninfoParse");
    find(out.functions.conninfo_free, "PQconninfoFree");
    find(out.functions.status, "PQstatus");
    find(out.functions.transaction_status, "PQtransactionStatus");
    find(out.functions.send_query, "PQsendQuery");
    find(out.functions.send_prepare, "PQsendPrepare");
    find(out.functions.send_query_prepared, "PQsendQueryPrepared");
    find(out.functions.error_message, "PQerrorMessage");
    find(out.functions.set_notice_processor, "PQsetNoticeProcessor");
    find(out.functions.setnonblocking, "PQsetnonblocking");
    find(out.functions.socket, "PQsocket");
    find(out.functions.flush, "PQflush");
    find(out.functions.consume_input, "PQconsumeInput");
    find(out.functions.is_busy, "PQisBusy");
    find(out.functions.get_result, "PQgetResult");
    find(out.functions.result_status, "PQresultStatus");
    find(out.functions.result_error_field, "PQresultErrorField");
    find(out.functions.cmd_status, "PQcmdStatus");
    find(out.functions.cmd_tuples, "PQcmdTuples");
    find(out.functions.ntuples, "PQntuples");
    find(out.functions.getisnull, "PQgetisnull");
    find(out.functions.getvalue, "PQgetvalue");
    find(out.functions.getlength, "PQgetlength");
    find(out.functions.ftype, "PQftype");
    find(out.functions.unescape_bytea, "PQunescapeBytea");
    find(out.functions.freemem, "PQfreemem");
    return out;
}

const Loaded& loaded()
{
    static const Loaded library = load();
    return library;
}

}  // namespace

Status load_libpq()
{
    if (loaded().error.empty()) return {};
    return fail(ErrorKind::unavailable, "store.open",
                "PostgreSQL's client library cannot be used: " + loaded().error + "; install the package libpq5");
}

const Libpq& libpq() { return loaded().functions; }

}  // namespace iapp::store::internal

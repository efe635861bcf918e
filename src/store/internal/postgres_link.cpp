#include "store/internal/postgres_link.hpp"

#include <poll.h>

#include <cerrno>

namespace iapp::store::internal {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kGrace{2'000};  ///< what a server that ends a statement by itself needs to say so

struct Meaning {
    std::string_view code;  ///< a SQLSTATE or the front of one; the first that fits counts
    ErrorKind kind;
    std::string_view reason;
    std::string_view advice;
};
constexpr Meaning kMeanings[] = {
    {"23", ErrorKind::conflict, "store.constraint", ""},
    {"42804", ErrorKind::conflict, "store.constraint", ""},  // a value of another type than the column
    {"22021", ErrorKind::conflict, "store.constraint", ""},  // text that is no UTF-8, or holds a NUL
    {"40", ErrorKind::unavailable, "store.serialization", "; try again"},
    {"55P03", ErrorKind::unavailable, "store.busy", "; try again"},
    {"53100", ErrorKind::resource_exhausted, "store.full", "; make room on the server's disk"},
    {"53", ErrorKind::unavailable, "store.busy", "; try again"},
    {"57014", ErrorKind::deadline_exceeded, "store.timeout", ""},
    {"57P", ErrorKind::unavailable, "store.lost", "; try again"},
    {"25P03", ErrorKind::unavailable, "store.lost", "; the transaction was idle for too long"},
    {"08", ErrorKind::unavailable, "store.lost", "; try again"},
    {"XX001", ErrorKind::corrupt, "store.corrupt", "; restore the database from a backup"},
    {"XX002", ErrorKind::corrupt, "store.corrupt", "; rebuild the index"},
    {"", ErrorKind::internal, "store.sql", ""},
};

std::string one_line(const char* message)
{
    std::string out(message ? message : "");
    while (out.ends_with('\n')) out.pop_back();
    for (char& c : out)
        if (c == '\n') c = ' ';
    return out;
}

/// The primary message only: the others may quote values.
std::unexpected<Error> explain(const PGresult* answer)
{
    const char* const state = libpq().result_error_field(answer, PG_DIAG_SQLSTATE);
    const std::string_view code(state ? state : "");
    const auto* meaning = std::begin(kMeanings);
    while (!code.starts_with(meaning->code)) ++meaning;
    return fail(meaning->kind, meaning->reason,
                one_line(libpq().result_error_field(answer, PG_DIAG_MESSAGE_PRIMARY)) + std::string(meaning->advice));
}

bool is_refusal(const PGresult* answer)
{
    const ExecStatusType status = libpq().result_status(answer);
    return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
}

std::string settings(const OpenOptions& options)
{
    const auto milliseconds = [](std::chrono::milliseconds time) { return std::to_string(time.count()); };
    return "SET lock_timeout = " + milliseconds(options.busy_timeout) +
           "; SET statement_timeout = " + milliseconds(options.statement_timeout) +
           "; SET idle_in_transaction_session_timeout = 60000; SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5"
           "; SET tcp_keepalives_count = 3; SET synchronous_commit = on; SET standard_conforming_strings = on"
           "; SET bytea_output = 'hex'; SET extra_float_digits = 1";
}

/// What libpq says about a malformed URL repeats it, password included, so it is not passed on.
Status check_url(const std::string& url)
{
    char* message = nullptr;
    PQconninfoOption* const options = libpq().conninfo_parse(url.c_str(), &message);
    libpq().freemem(message);
    if (!options)
        return fail(ErrorKind::unavailable, "store.open", "malformed URL of a database; postgresql://user@host:port/name");
    libpq().conninfo_free(options);
    return {};
}

}  // namespace

Status PostgresLink::connect()
{
    TRY_OK(load_libpq());
    TRY_OK(check_url(url_));
    // Names before dbname are what the URL may change.
    const char* const names[] = {"connect_timeout", "application_name", "client_encoding", "dbname", nullptr};
    const char* const values[] = {"5", "iapp", "UTF8", url_.c_str(), nullptr};
    handle_.reset(libpq().connectdb_params(names, values, 1));
    if (!is_up())
        return fail(ErrorKind::unavailable, "store.open",
                    "cannot reach the database: " + one_line(libpq().error_message(handle_.get())));
    libpq().set_notice_processor(
        handle_.get(), [](void*, const char*) {}, nullptr);
    libpq().setnonblocking(handle_.get(), 1);
    const Status done = simple(settings(options_).c_str());
    if (!done)
        return fail(ErrorKind::unavailable, "store.open", "the database refused its settings: " + done.error().detail);
    return {};
}

PostgresLink::RestoreTimeout PostgresLink::with_timeout(std::chrono::milliseconds timeout)
{
    return {this, std::exchange(options_.statement_timeout, timeout)};
}

Status PostgresLink::simple(const char* sql)
{
    TRY(const Answer answer, exchange([sql](PGconn* connection) { return libpq().send_query(connection, sql); }));
    const bool is_commit = std::string_view(sql) == "COMMIT";
    if (is_commit && std::string_view(libpq().cmd_status(answer.get())) != "COMMIT")
        return fail(ErrorKind::internal, "store.sql", "the transaction was undone because a statement in it had failed");
    return {};
}

std::unexpected<Error> PostgresLink::lost(std::string detail)
{
    handle_.reset();
    return fail(ErrorKind::unavailable, "store.lost", "the database went away; try again: " + one_line(detail.c_str()));
}

Status PostgresLink::wait_for(short events, Clock::time_point end)
{
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
        pollfd file{libpq().socket(handle_.get()), events, 0};
        const int ready = left > 0 ? ::poll(&file, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000))) : 0;
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return lost("poll failed");
        if (Clock::now() < end) continue;
        handle_.reset();
        return fail(ErrorKind::deadline_exceeded, "store.timeout", "the database did not answer in time");
    }
}

/// Sends what is queued, then reads results to the last. The first refusal is the answer, otherwise the last result is.
Result<Answer> PostgresLink::receive()
{
    const auto end = Clock::now() + options_.statement_timeout + kGrace;
    while (true) {
        const int unsent = libpq().flush(handle_.get());
        if (unsent < 0) return lost(libpq().error_message(handle_.get()));
        if (unsent == 0) break;
        TRY_OK(wait_for(POLLIN | POLLOUT, end));
        if (!libpq().consume_input(handle_.get())) return lost(libpq().error_message(handle_.get()));
    }
    Answer answer;
    while (true) {
        while (libpq().is_busy(handle_.get())) {
            TRY_OK(wait_for(POLLIN, end));
            if (!libpq().consume_input(handle_.get())) return lost(libpq().error_message(handle_.get()));
        }
        Answer next(libpq().get_result(handle_.get()));
        if (!next) break;
        if (!answer || !is_refusal(answer.get())) answer = std::move(next);
    }
    if (!answer) return lost(libpq().error_message(handle_.get()));
    if (!is_refusal(answer.get())) return answer;
    auto refusal = explain(answer.get());
    if (libpq().status(handle_.get()) != CONNECTION_OK) return lost(refusal.error().detail);
    return refusal;
}

}  // namespace iapp::store::internal

#pragma once
// The conversation with a PostgreSQL server: connect, send, wait with an end, and what its refusals mean.
#include <chrono>
#include <memory>

#include "store/database.hpp"
#include "store/internal/libpq.hpp"

namespace iapp::store::internal {

struct ClearAnswer {
    void operator()(PGresult* answer) const { libpq().clear(answer); }
};
using Answer = std::unique_ptr<PGresult, ClearAnswer>;

class PostgresLink {
public:
    PostgresLink(std::string url, OpenOptions options) : url_(std::move(url)), options_(options) {}

    /// Leaves the old connection, if any. Errors: unavailable "store.open".
    Status connect();

    bool is_up() const { return handle_ && libpq().status(handle_.get()) == CONNECTION_OK; }
    bool is_in_transaction() const { return is_up() && libpq().transaction_status(handle_.get()) != PQTRANS_IDLE; }

    /// Statements without values; rows are dropped. A COMMIT that rolled back is an error.
    Status simple(const char* sql);

    /// What `send` (PQsend...) asked for. A server that does not answer in time is left: the link is down then.
    /// Errors: those of Transaction::run.
    template <class Send>
    Result<Answer> exchange(const Send& send)
    {
        if (!is_up()) return lost("");
        if (!send(handle_.get())) return lost(libpq().error_message(handle_.get()));
        return receive();
    }

    struct RestoreTimeout {
        PostgresLink* link;
        std::chrono::milliseconds before;
        ~RestoreTimeout() { link->options_.statement_timeout = before; }
    };
    /// Waits this long for each answer while the returned value lives.
    [[nodiscard]] RestoreTimeout with_timeout(std::chrono::milliseconds timeout);

private:
    struct CloseConnection {
        void operator()(PGconn* connection) const { libpq().finish(connection); }
    };
    Result<Answer> receive();
    Status wait_for(short events, std::chrono::steady_clock::time_point end);
    std::unexpected<Error> lost(std::string detail);

    std::string url_;
    OpenOptions options_;
    std::unique_ptr<PGconn, CloseConnection> handle_;
};

}  // namespace iapp::store::internal

#pragma once
// Where reads wait for the head of the chain, together and without threads of their own. A page that is still true is
// answered here; what has to be read goes on to its handler, which asks for the head again.
#include <functional>

#include "base/batches.hpp"
#include "market/page_cache.hpp"
#include "market/tracker.hpp"
#include "net/server.hpp"

namespace iapp::market {

class ReadGate {
public:
    using Answer = std::function<net::Response(const net::Request&, std::string page)>;

    /// All must outlive the gate.
    ReadGate(Tracker& tracker, PageCache& pages, const BookFile& book, Answer answer);

    /// Never blocks.
    void take(net::Waiting waiting) { waiting_.add(std::move(waiting)); }

private:
    void answer_all(std::vector<net::Waiting> waiting, const std::stop_token& stop);

    Tracker* tracker_;
    PageCache* pages_;
    const BookFile* book_;
    Answer answer_;
    Batches<net::Waiting> waiting_;  ///< last: it uses the rest
};

}  // namespace iapp::market

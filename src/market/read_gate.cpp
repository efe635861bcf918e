#include "market/read_gate.hpp"

namespace iapp::market {
namespace {

constexpr std::chrono::seconds kRoundLimit{30};

}  // namespace

ReadGate::ReadGate(Tracker& tracker, PageCache& pages, const BookFile& book, Answer answer)
    : tracker_(&tracker),
      pages_(&pages),
      book_(&book),
      answer_(std::move(answer)),
      waiting_([this](auto waiting, const std::stop_token& stop) { answer_all(std::move(waiting), stop); })
{
}

/// Whatever goes wrong here is for the handler to say.
void ReadGate::answer_all(std::vector<net::Waiting> waiting, const std::stop_token& stop)
{
    const net::CallContext context{.request_id = "market", .deadline = net::deadline_in(kRoundLimit), .stop = stop};
    const auto head = tracker_->refresh(context);
    for (net::Waiting& one : waiting) {
        auto page = head ? pages_->find(one.request().target, {head->revision, book_->writes}) : std::nullopt;
        if (!page) {
            std::move(one).proceed();
            continue;
        }
        net::Response answer = answer_(one.request(), *std::move(page));
        std::move(one).answer(std::move(answer));
    }
}

}  // namespace iapp::market

#include "net/internal/outbox.hpp"

#include <boost/asio/post.hpp>

#include "net/internal/connection.hpp"

namespace iapp::net::internal {

void Outbox::put(Outcome outcome)
{
    const std::lock_guard lock(mutex_);
    if (io_ == nullptr) return;
    waiting_.push_back(std::move(outcome));
    if (waiting_.size() == 1) asio::post(*io_, [self = shared_from_this()] { self->deliver(); });
}

void Outbox::close()
{
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
    waiting_.clear();
}

/// On the socket thread.
void Outbox::deliver()
{
    std::vector<Outcome> taken;
    {
        const std::lock_guard lock(mutex_);
        taken.swap(waiting_);
    }
    for (Outcome& one : taken)
        if (const auto connection = one.connection.lock()) connection->settle(one.call, std::move(one.answer));
}

}  // namespace iapp::net::internal

namespace iapp::net {

Pending::Pending(std::shared_ptr<internal::Outbox> outbox, std::weak_ptr<internal::Connection> connection,
                 std::shared_ptr<internal::Call> call)
    : outbox_(std::move(outbox)), connection_(std::move(connection)), call_(std::move(call))
{
}

const Request& Pending::request() const { return call_->request; }
const CallContext& Pending::context() const { return call_->context; }
bool Pending::has_left() const { return call_->has_left || call_->stop.stop_requested() || connection_.expired(); }

void Pending::answer(Response response) && { std::move(*this).send(std::move(response)); }

void Pending::send(std::optional<Response> answer) &&
{
    outbox_->put({std::move(connection_), std::move(call_), std::move(answer)});
}

}  // namespace iapp::net

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <system_error>

#include "tee/evidence_source.hpp"
#include "tee/internal/own_quote.hpp"

namespace iapp::tee {
namespace {

constexpr std::size_t kMaxReply = 32 * 1024;

std::unexpected<Error> transport(std::string detail)
{
    return fail(ErrorKind::unavailable, "tee.transport", std::move(detail));
}

std::string system_words() { return std::generic_category().message(errno); }

/// Speaks to iapp-tee-sim: one request, one reply, in turn.
class SimulatedSource final : public EvidenceSource {
public:
    explicit SimulatedSource(int fd) : fd_(fd) {}
    ~SimulatedSource() override { ::close(fd_); }
    SimulatedSource(const SimulatedSource&) = delete;
    SimulatedSource& operator=(const SimulatedSource&) = delete;

    attest::EvidenceKind kind() const override { return attest::EvidenceKind::tdx; }
    bool simulated() const override { return true; }

    Status extend(int index, const Hash384& digest) override
    {
        if (index != 2 && index != 3)
            return fail(ErrorKind::invalid_input, "tee.register", "only RTMR2 and RTMR3 can be extended from inside a TD");
        Bytes request{'E', static_cast<std::uint8_t>(index)};
        append(request, digest.bytes());
        TRY(const Bytes reply, exchange(request, 'k'));
        if (!reply.empty()) return transport("the simulator's answer to an extension has a body");
        return {};
    }

    Result<Bytes> quote(const attest::ReportData& report_data) override
    {
        Bytes request{'Q'};
        append(request, report_data.bytes());
        TRY(Bytes quote, exchange(request, 'q'));
        TRY_OK(internal::check_own_quote(kind(), quote, report_data));
        return quote;
    }

private:
    /// Sends one request and returns the reply without its first byte, which must be `expected`.
    Result<Bytes> exchange(ByteView request, std::uint8_t expected)
    {
        const std::scoped_lock lock(turn_);
        ssize_t n = 0;
        do n = ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
        while (n < 0 && errno == EINTR);
        if (n < 0) return transport("cannot reach the simulator: " + system_words());

        Bytes reply(kMaxReply);
        do n = ::recv(fd_, reply.data(), reply.size(), MSG_TRUNC);
        while (n < 0 && errno == EINTR);
        if (n < 0) return transport("cannot hear the simulator: " + system_words());
        const auto size = static_cast<std::size_t>(n);
        if (size == 0) return transport("the simulator has gone");
        if (size > reply.size()) return transport("the simulator's answer is too long");
        const std::string_view text = as_text(ByteView(reply).subspan(1, size - 1));
        if (reply[0] != expected) return transport("the simulator refused: " + std::string(text));
        return to_bytes(text);
    }

    int fd_;
    std::mutex turn_;
};

}  // namespace

Result<std::unique_ptr<EvidenceSource>> open_simulated(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET)
        return fail(ErrorKind::unavailable, "tee.unavailable",
                    "descriptor " + std::to_string(fd) +
                        " is not the socket of a TEE simulator: start the agent through iapp-tee-sim");
    return std::make_unique<SimulatedSource>(fd);
}

}  // namespace iapp::tee

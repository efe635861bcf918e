#include "simtee/server.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace iapp::simtee {
namespace {

constexpr std::size_t kMaxRequest = 128;  ///< the longest request has 65 bytes

Bytes refusal(std::string_view why)
{
    Bytes out{'x'};
    append(out, as_bytes(why));
    return out;
}

std::unexpected<Error> io_error(std::string_view what)
{
    return fail(ErrorKind::internal, "simtee.io", std::string(what) + ": " + std::generic_category().message(errno));
}

}  // namespace

Bytes Session::answer(ByteView request)
{
    if (request.size() == 2 + Hash384::kSize && request[0] == 'E') {
        const auto extended = rtmr_.extend(request[1], Hash384{request.subspan<2, Hash384::kSize>()});
        return extended ? Bytes{'k'} : refusal(extended.error().detail);
    }
    if (request.size() == 1 + attest::ReportData::kSize && request[0] == 'Q') {
        Bytes out{'q'};
        append(out,
               platform_.quote(mr_td_, rtmr_.values(), attest::ReportData{request.subspan<1, attest::ReportData::kSize>()}));
        return out;
    }
    return refusal("a request is 'E' index digest[48] or 'Q' report_data[64]");
}

Result<bool> serve_one(int fd, Session& session)
{
    std::array<std::uint8_t, kMaxRequest> request;
    ssize_t n = 0;
    do n = ::recv(fd, request.data(), request.size(), 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno != ECONNRESET) return io_error("recv");
    if (n <= 0) return false;

    const Bytes reply = session.answer(ByteView(request).first(static_cast<std::size_t>(n)));
    do n = ::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EPIPE) return io_error("send");
    return n >= 0;
}

}  // namespace iapp::simtee

#pragma once
// The simulator's end of the agent's socket: one request, one reply, until the agent hangs up.
// Requests: 'E' index digest[48] -> 'k' ; 'Q' report_data[64] -> 'q' quote ; anything else -> 'x' text.
#include "simtee/platform.hpp"

namespace iapp::simtee {

class Session {
public:
    Session(const Platform& platform, const Hash384& mr_td) : platform_(platform), mr_td_(mr_td) {}

    /// The reply to one request. Total: a bad request is answered with 'x' and a sentence.
    Bytes answer(ByteView request);

private:
    const Platform& platform_;
    Hash384 mr_td_;
    RtmrBank rtmr_;
};

/// Takes one request from `fd` (SOCK_SEQPACKET) and answers it. False when the peer has closed its end. Errors: "simtee.io".
Result<bool> serve_one(int fd, Session& session);

}  // namespace iapp::simtee

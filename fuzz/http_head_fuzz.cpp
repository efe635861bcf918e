// rooms: net
// A request as a client may send it, in two pieces: the parser eats within bounds and never ends in a half state.
#include <cstdlib>

#include "net/internal/parser.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    for (const auto make : {iapp::net::internal::make_request_parser, iapp::net::internal::make_response_parser}) {
        const auto parser = make(4096);
        std::string body;
        std::size_t begin = 0;
        for (const std::size_t end : {size / 2, size}) {
            while (begin < end && !parser->done()) {
                const auto eaten = parser->put({data + begin, end - begin}, body);
                if (!eaten) break;
                if (*eaten > end - begin) std::abort();
                begin += *eaten;
                if (*eaten == 0) break;
            }
        }
        if (body.size() > size) std::abort();
        if (parser->done() && !parser->head_done()) std::abort();
    }
    return 0;
}

// rooms: resultproxy
// The body of an upload to the result proxy, and the archive in it.
#include "resultproxy/upload_rule.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const auto model = resultproxy::parse_result_model(as_text({data, size}));
    if (model && model->zip.empty()) __builtin_trap();
    (void)resultproxy::digest_of_zip(model ? ByteView(model->zip) : ByteView(data, size));
    return 0;
}

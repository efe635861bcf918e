#include "attest/report_data.hpp"

#include "attest/internal/big_endian.hpp"
#include "crypto/hash.hpp"

namespace iapp::attest {

ReportData report_data(const Binding& binding)
{
    Bytes chain_id;
    append_u64be(chain_id, binding.chain_id);

    Bytes text = to_bytes("iapp/key-release/1");
    for (const ByteView field : {as_bytes(binding.purpose), ByteView(binding.nonce), ByteView(binding.hpke_public_key),
                                 ByteView(binding.enclave.bytes()), ByteView(chain_id), ByteView(binding.hub.bytes()),
                                 ByteView(binding.deal.bytes()), ByteView(binding.task.bytes())})
        append_prefixed(text, field);
    return ReportData{crypto::sha512(text).array()};
}

}  // namespace iapp::attest

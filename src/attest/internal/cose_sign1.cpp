#include "attest/internal/cose_sign1.hpp"

namespace iapp::attest {
namespace {

constexpr std::uint64_t kSign1Tag = 18;

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.ear_format", std::move(detail));
}

}  // namespace

Result<CoseSign1> parse_cose_sign1(ByteView bytes, const cbor::Limits& limits)
{
    TRY(const cbor::Value message, cbor::parse(bytes, limits));
    const cbor::Value* content = message.if_tagged(kSign1Tag);
    if (content == nullptr) return bad("not a COSE_Sign1: tag 18 is missing");
    const cbor::Array* parts = content->if_array();
    if (parts == nullptr || parts->size() != 4) return bad("a COSE_Sign1 is an array of four");
    const Bytes* header = (*parts)[0].if_bytes();
    const cbor::Map* unprotected = (*parts)[1].if_map();
    const Bytes* payload = (*parts)[2].if_bytes();
    const Bytes* signature = (*parts)[3].if_bytes();
    if (header == nullptr || unprotected == nullptr || payload == nullptr || signature == nullptr)
        return bad("a part of the COSE_Sign1 has another type, or the payload is detached");
    return CoseSign1{*header, *unprotected, *payload, *signature};
}

Result<Bytes> encode_cose_sign1(const CoseSign1& message)
{
    cbor::Array parts{cbor::Value(message.protected_header), cbor::Value(message.unprotected), cbor::Value(message.payload),
                      cbor::Value(message.signature)};
    return cbor::encode(cbor::Value::tagged(kSign1Tag, cbor::Value(std::move(parts))));
}

Bytes cose_signed_bytes(const CoseSign1& message)
{
    const cbor::Array parts{cbor::Value("Signature1"), cbor::Value(message.protected_header), cbor::Value(Bytes{}),
                            cbor::Value(message.payload)};
    return *cbor::encode(cbor::Value(parts));  // byte strings and one ASCII text: nothing here can be refused
}

}  // namespace iapp::attest

#include "simtee/platform.hpp"

#include "attest/event_log.hpp"
#include "simtee/internal/directory.hpp"
#include "simtee/quote.hpp"

namespace iapp::simtee {

Status RtmrBank::extend(int index, const Hash384& digest)
{
    if (index != 2 && index != 3)
        return fail(ErrorKind::invalid_input, "simtee.register", "only RTMR2 and RTMR3 can be extended from inside a TD");
    Hash384& rtmr = values_[static_cast<std::size_t>(index)];
    rtmr = attest::extend(rtmr, digest);
    return {};
}

Hash384 measure(ByteView program) { return crypto::sha384(program); }

struct Platform::Keys {
    crypto::P256Key pck;
    crypto::P256Key attestation;
    std::string pck_chain;
};

Platform::Platform(std::unique_ptr<Keys> keys) : keys_(std::move(keys)) {}
Platform::Platform(Platform&&) noexcept = default;
Platform& Platform::operator=(Platform&&) noexcept = default;
Platform::~Platform() = default;

Result<Platform> Platform::load(const std::filesystem::path& dir)
{
    TRY(Authority authority, load_authority(dir));
    std::string chain = authority.pck_chain();
    return Platform(
        std::make_unique<Keys>(Keys{std::move(authority.pck_key), std::move(authority.attestation_key), std::move(chain)}));
}

Bytes Platform::quote(const Hash384& mr_td, const std::array<Hash384, 4>& rtmr, const attest::ReportData& report_data) const
{
    const Bytes auth = simulated_qe_auth();
    const QuoteParts parts{simulated_body(mr_td, rtmr, report_data),
                           simulated_qe_report(keys_->attestation.public_key(), auth), auth, keys_->pck_chain};
    return encode_quote(parts, keys_->pck, keys_->attestation);
}

}  // namespace iapp::simtee

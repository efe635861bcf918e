// iapp deploy: image to the registry by digest, app on chain with that digest, an order that offers it.
#include "codec/multiaddr.hpp"
#include "commands.hpp"
#include "crypto/random.hpp"
#include "image_build.hpp"
#include "manifest/manifest.hpp"
#include "market_client.hpp"
#include "options.hpp"
#include "poco/events.hpp"
#include "poco/order_hash.hpp"
#include "poco/registry.hpp"
#include "scratch_folder.hpp"
#include "sms_client.hpp"

namespace iapp::cli {
namespace {

struct Pushed {
    oci::ImageReference reference;
    oci::Digest digest;
};

Result<Pushed> push_image(const Session& session, const std::filesystem::path& source, const std::string& name)
{
    TRY(const auto scratch, ScratchFolder::create());
    TRY(const auto layout, layout_of(source, scratch.path()));
    TRY(const auto image, layout.image());
    const auto label = image.config.labels.find(std::string(manifest::kLabel));
    if (label != image.config.labels.end()) TRY_OK(manifest::parse(label->second));
    TRY(const auto registry_origin, wire::get_registry(session.network));
    TRY(const auto url, net::parse_url(registry_origin));
    TRY(auto reference,
        oci::parse_reference(url.authority() + "/" + name + ":" + hex(image.digest.sha256().bytes()).substr(0, 12)));
    const runtime::Registry registry(session.http, scratch.path().string());
    TRY(const auto digest, registry.push(layout, reference, session.call(std::chrono::minutes(30))));
    return Pushed{std::move(reference), digest};
}

Result<poco::AppEntry> entry_for(const Session& session, const std::string& name, const Pushed& pushed)
{
    TRY(auto multiaddr, codec::encode_multiaddr(pushed.reference.text()));
    return poco::AppEntry{session.me(), name, "DOCKER", std::move(multiaddr), pushed.digest.sha256(), {}};
}

/// The address is decided by the content, so the same image of the same owner is the same app: deploying again is safe.
Result<eth::Address> register_app(Session& session, const poco::AppEntry& entry)
{
    const auto& registry = session.network.contracts.app_registry;
    TRY(const auto hash_data, session.rpc.eth_call({registry, poco::call::proxy_code_hash()}, session.call()));
    TRY(const auto code_hash, Hash256::from_bytes(hash_data));
    const auto predicted = poco::predict_address(entry, registry, code_hash);
    TRY(const bool known, session.hub.is_registered(registry, predicted, session.call()));
    if (known) return predicted;
    TRY_OK(session.sender().send({registry, poco::call::create_app(entry)}, session.call(std::chrono::minutes(2))));
    TRY(const bool made, session.hub.is_registered(registry, predicted, session.call()));
    if (made) return predicted;
    return fail(ErrorKind::corrupt, "deploy.address",
                "the registry did not create the app at " + eth::to_checksum(predicted));
}

Result<Hash256> publish_order(const Session& session, const eth::Address& app, const eth::U256& price)
{
    poco::AppOrder order;
    order.app = app;
    order.appprice = price;
    order.volume = poco::kInfiniteVolume;
    order.tag = poco::tdx_tag();
    order.salt = crypto::random_fixed<Hash256>();
    poco::sign_order(order, session.hub.separator(), session.wallet());
    return publish(session, "apporders", poco::encode(order));
}

}  // namespace

Result<Answer> run_deploy(const Arguments& arguments, Context& context)
{
    const std::filesystem::path source = arguments.get("SOURCE");
    const std::string name = arguments.get("--name", std::filesystem::absolute(source).filename().string());
    TRY(const std::uint64_t price, number_option(arguments, "--price", 0));
    TRY(auto session, Session::open_signed(context));
    context.phases.start("build and push the image");
    TRY(const auto pushed, push_image(*session, source, name));
    context.phases.start("register the app");
    TRY(const auto entry, entry_for(*session, name, pushed));
    TRY(const auto app, register_app(*session, entry));
    if (const auto secret = arguments.find("--secret-file")) {
        context.phases.start("store the app's secret");
        TRY(const auto value, read_file(*secret));
        TRY_OK(push_app_secret(*session, app, value));
    }
    context.phases.start("publish the order");
    TRY(const auto order, publish_order(*session, app, price));
    context.phases.finish();
    const std::string address = eth::to_checksum(app);
    return Answer{
        {{"app", address}, {"image", pushed.reference.text()}, {"digest", pushed.digest.text()}, {"orderHash", order.hex()}},
        "app     " + address + "\nimage   " + pushed.reference.text() + "\ndigest  " + pushed.digest.text() + "\norder   " +
            order.hex() + "\nnext    iapp run " + address + "\n"};
}

}  // namespace iapp::cli

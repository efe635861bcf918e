// The DataProtector subgraph: core and sharing.
#include "index/internal/query_schema.hpp"
#include "index/query.hpp"

namespace iapp::index {
namespace {

using namespace field;

constexpr std::array kProtectedData{id(),
                                    one("owner", "Account"),
                                    text("name"),
                                    text("jsonSchema"),
                                    list("schema", "SchemaEntry", "protected_data_schema"),
                                    maybe(one("collection", "Collection")),
                                    maybe(boolean("isIncludedInSubscription")),
                                    maybe(boolean("isRentable")),
                                    maybe(boolean("isForSale")),
                                    maybe(one("rentalParams", "RentalParam")),
                                    maybe(one("saleParams", "SaleParam")),
                                    many("sales", "Sale", "protected_data"),
                                    many("rentals", "Rental", "protected_data"),
                                    many("consumptions", "Consumption", "protected_data"),
                                    bytes("multiaddr"),
                                    bytes("checksum"),
                                    integer("creationTimestamp"),
                                    bytes("transactionHash"),
                                    integer("blockNumber")};
constexpr std::array kSchemaEntry{id(), text("path"), text("type")};
constexpr std::array kAccount{id(),
                              many("datasets", "ProtectedData", "owner"),
                              many("collections", "Collection", "owner"),
                              many("subscriptions", "CollectionSubscription", "subscriber"),
                              many("addOnlyAppWhitelists", "AddOnlyAppWhitelist", "owner"),
                              many("apps", "App", "owner")};
constexpr std::array kCollection{id(),
                                 one("owner", "Account"),
                                 many("protectedDatas", "ProtectedData", "collection"),
                                 many("subscriptions", "CollectionSubscription", "collection"),
                                 maybe(one("subscriptionParams", "SubscriptionParam")),
                                 integer("creationTimestamp"),
                                 integer("blockNumber"),
                                 bytes("transactionHash")};
constexpr std::array kSubscriptionParam{id(), integer("duration"), number("price")};
constexpr std::array kCollectionSubscription{id(),
                                             one("collection", "Collection"),
                                             one("subscriber", "Account"),
                                             integer("endDate"),
                                             integer("creationTimestamp"),
                                             integer("blockNumber"),
                                             bytes("transactionHash")};
constexpr std::array kRental{id(),
                             bytes("renter"),
                             one("protectedData", "ProtectedData"),
                             integer("creationTimestamp"),
                             integer("endDate"),
                             one("collection", "Collection"),
                             maybe(one("rentalParams", "RentalParam")),
                             integer("blockNumber"),
                             bytes("transactionHash")};
constexpr std::array kRentalParam{id(), integer("duration"), number("price")};
constexpr std::array kSale{id(),
                           bytes("buyer"),
                           one("protectedData", "ProtectedData"),
                           integer("creationTimestamp"),
                           one("collection", "Collection"),
                           maybe(one("saleParams", "SaleParam")),
                           integer("blockNumber"),
                           bytes("transactionHash")};
constexpr std::array kSaleParam{id(), number("price")};
constexpr std::array kConsumption{id(),
                                  bytes("dealId"),
                                  one("protectedData", "ProtectedData"),
                                  one("collection", "Collection"),
                                  text("mode"),
                                  integer("blockNumber"),
                                  bytes("transactionHash")};
constexpr std::array kWhitelist{id(), one("owner", "Account"), listed("apps", "App", "app_add_only_app_whitelists")};
constexpr std::array kApp{id(), one("owner", "Account"),
                          list("addOnlyAppWhitelists", "AddOnlyAppWhitelist", "app_add_only_app_whitelists")};

constexpr std::array kEntities{
    Entity{"ProtectedData", "protected_data", "protectedData", "protectedDatas", true, kProtectedData},
    Entity{"SchemaEntry", "schema_entry", "schemaEntry", "schemaEntries", false, kSchemaEntry},
    Entity{"Account", "account", "account", "accounts", true, kAccount},
    Entity{"Collection", "collection", "collection", "collections", false, kCollection},
    Entity{"SubscriptionParam", "subscription_param", "subscriptionParam", "subscriptionParams", false, kSubscriptionParam},
    Entity{"CollectionSubscription", "collection_subscription", "collectionSubscription", "collectionSubscriptions", true,
           kCollectionSubscription},
    Entity{"Rental", "rental", "rental", "rentals", true, kRental},
    Entity{"RentalParam", "rental_param", "rentalParam", "rentalParams", true, kRentalParam},
    Entity{"Sale", "sale", "sale", "sales", true, kSale},
    Entity{"SaleParam", "sale_param", "saleParam", "saleParams", true, kSaleParam},
    Entity{"Consumption", "consumption", "consumption", "consumptions", true, kConsumption},
    Entity{"AddOnlyAppWhitelist", "add_only_app_whitelist", "addOnlyAppWhitelist", "addOnlyAppWhitelists", true, kWhitelist},
    Entity{"App", "app", "app", "apps", true, kApp}};

constexpr Subgraph kSubgraph{"dataprotector", kEntities};

}  // namespace

const Subgraph& dataprotector_subgraph() { return kSubgraph; }

}  // namespace iapp::index

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISharing} from "../src/ISharing.sol";
import {WorkerpoolOrder} from "../src/Poco.sol";
import {SharingFixture} from "./SharingFixture.sol";

/// Three people who do anything to three collections and three data in any order, and a model of what must be true after
/// it. A call that the contract refuses changes nothing in the model; one it accepts must do exactly what the model says.
contract SharingInvariantTest is SharingFixture {
    uint256 private constant MONEY = 1_000_000;

    address[] private people = [address(0x1001), address(0x1002), address(0x1003)];
    uint256[] private collections;
    address[] private datas;
    WorkerpoolOrder private order;
    uint256 private reserves;

    // The model: who owns each data outside a collection, and who paid for access until when.
    mapping(address protectedData => address) private ownerOutside;
    mapping(address protectedData => mapping(address renter => uint256)) private rentedUntil;
    mapping(address protectedData => mapping(address subscriber => uint256)) private subscribedUntil;

    uint256 private accepted;

    function setUp() public override {
        super.setUp();
        order = poolOrder(SCONE_TAG);
        for (uint256 i = 0; i < people.length; ++i) {
            fund(people[i], MONEY);
            allow(people[i], type(uint256).max);
            collections.push(sharing.createCollection(people[i]));
            datas.push(newData(people[i]));
            ownerOutside[datas[i]] = people[i];
            vm.startPrank(people[i]);
            datasets.setApprovalForAll(address(sharing), true);
            vm.stopPrank();
        }
        reserves = MONEY * people.length;
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(this);
        targets[0].selectors = new bytes4[](15);
        bytes4[] memory s = targets[0].selectors;
        (s[0], s[1], s[2]) = (this.doAdd.selector, this.doRemove.selector, this.doBurn.selector);
        (s[3], s[4], s[5]) = (this.doOfferRental.selector, this.doWithdrawRental.selector, this.doRent.selector);
        (s[6], s[7], s[8]) = (this.doOfferSubscription.selector, this.doInclude.selector, this.doExclude.selector);
        (s[9], s[10], s[11]) = (this.doSubscribe.selector, this.doOfferSale.selector, this.doWithdrawSale.selector);
        (s[12], s[13], s[14]) = (this.doBuy.selector, this.doHandOver.selector, this.doWait.selector);
    }

    // What people do. A buyer often meets an offer made for the occasion: two in a row are rare otherwise.

    function doAdd(uint256 who, uint256 what, uint256 where) external {
        address data_ = dataOf(what);
        address actor = who % 2 == 0 && ownerOutside[data_] != address(0) ? ownerOutside[data_] : personOf(who / 2);
        uint256 into = collectionOfPerson(actor, where);
        if (!attempt(actor, abi.encodeCall(sharing.addProtectedDataToCollection, (into, data_, whitelist)))) return;
        expectEq(ownerOutside[data_], actor, "who added data of somebody else");
        ownerOutside[data_] = address(0);
    }

    function doRemove(uint256 who, uint256 what) external {
        address data_ = dataOf(what);
        uint256 from = collectionOf(data_);
        if (!attempt(managerOf(who, from), abi.encodeCall(sharing.removeProtectedDataFromCollection, (data_)))) return;
        ownerOutside[data_] = sharing.ownerOf(from);
    }

    function doBurn(uint256 who, uint256 where) external {
        uint256 old = collectionAt(where);
        address actor = managerOf(who, old);
        if (!attempt(actor, abi.encodeWithSignature("burn(uint256)", old))) return;
        expectEq(sizeOf(old), 0, "size of a burned collection");
        collections[where % collections.length] = sharing.createCollection(actor);
    }

    function doOfferRental(uint256 who, uint256 what, uint72 price, uint40 duration) external {
        address data_ = dataOf(what);
        bytes memory call =
            abi.encodeCall(sharing.setProtectedDataToRenting, (data_, rentingOf(cheap(price), short(duration))));
        attempt(managerOfData(who, data_), call);
    }

    function doWithdrawRental(uint256 who, uint256 what) external {
        attempt(managerOfData(who, dataOf(what)), abi.encodeCall(sharing.removeProtectedDataFromRenting, (dataOf(what))));
    }

    function doRent(uint256 who, uint256 what) external {
        address data_ = dataOf(what);
        if (who % 4 != 0) this.doOfferRental(0, what, uint72(who / 3), uint40(who / 7));
        (uint256 from,,,, ISharing.RentingParams memory offer,) = sharing.protectedDataDetails(data_);
        if (!attemptPaying(personOf(who), from, offer.price, abi.encodeCall(sharing.rentProtectedData, (data_, offer)))) return;
        keepLater(rentedUntil[data_], personOf(who), block.timestamp + offer.duration);
    }

    function doOfferSubscription(uint256 who, uint256 where, uint72 price, uint40 duration) external {
        uint256 of_ = collectionAt(where);
        bytes memory call =
            abi.encodeCall(sharing.setSubscriptionParams, (of_, subscriptionOf(cheap(price), short(duration))));
        attempt(managerOf(who, of_), call);
    }

    function doInclude(uint256 who, uint256 what) external {
        attempt(managerOfData(who, dataOf(what)), abi.encodeCall(sharing.setProtectedDataToSubscription, (dataOf(what))));
    }

    function doExclude(uint256 who, uint256 what) external {
        attempt(managerOfData(who, dataOf(what)), abi.encodeCall(sharing.removeProtectedDataFromSubscription, (dataOf(what))));
    }

    function doSubscribe(uint256 who, uint256 where) external {
        uint256 to = collectionAt(where);
        if (who % 4 != 0) this.doOfferSubscription(0, where, uint72(who / 3), uint40(who / 7));
        (,, ISharing.SubscriptionParams memory offer) = sharing.collectionDetails(to);
        if (!attemptPaying(personOf(who), to, offer.price, abi.encodeCall(sharing.subscribeToCollection, (to, offer)))) return;
        for (uint256 i = 0; i < datas.length; ++i) {
            (uint256 in_,,, bool included,,) = sharing.protectedDataDetails(datas[i]);
            if (in_ == to && included) {
                keepLater(subscribedUntil[datas[i]], personOf(who), block.timestamp + offer.duration);
            }
        }
    }

    function doOfferSale(uint256 who, uint256 what, uint72 price) external {
        bytes memory call = abi.encodeCall(sharing.setProtectedDataForSale, (dataOf(what), cheap(price)));
        attempt(managerOfData(who, dataOf(what)), call);
    }

    function doWithdrawSale(uint256 who, uint256 what) external {
        attempt(managerOfData(who, dataOf(what)), abi.encodeCall(sharing.removeProtectedDataForSale, (dataOf(what))));
    }

    function doBuy(uint256 who, uint256 what) external {
        address data_ = dataOf(what);
        if (who % 4 != 0) this.doOfferSale(0, what, uint72(who / 3));
        (uint256 from,,,,, ISharing.SellingParams memory offer) = sharing.protectedDataDetails(data_);
        bytes memory call = abi.encodeCall(sharing.buyProtectedData, (data_, personOf(who), offer.price));
        if (!attemptPaying(personOf(who), from, offer.price, call)) return;
        ownerOutside[data_] = personOf(who);
    }

    function doHandOver(uint256 who, uint256 where, uint256 toWhom) external {
        address actor = managerOf(who, collectionAt(where));
        bytes memory call = abi.encodeWithSignature(
            "transferFrom(address,address,uint256)", actor, personOf(toWhom), collectionAt(where)
        );
        attempt(actor, call);
    }

    function doWait(uint40 time) external {
        vm.warp(block.timestamp + short(time));
    }

    // What must be true

    function invariant_theContractHoldsNoMoney() public view {
        uint256 sum;
        for (uint256 i = 0; i < people.length; ++i) sum += hub.balanceOf(people[i]);
        expectEq(sum, reserves, "money of all people together");
        expectEq(hub.balanceOf(address(sharing)), 0, "stake of the contract");
        expectEq(hub.viewAccount(address(sharing)).locked, 0, "locked stake of the contract");
        expectEq(rlc.balanceOf(address(sharing)), 0, "RLC of the contract");
    }

    function invariant_dataIsWhereTheModelSaysItIs() public view {
        for (uint256 i = 0; i < datas.length; ++i) {
            bool outside = ownerOutside[datas[i]] != address(0);
            expectEq(
                datasets.ownerOf(uint160(datas[i])), outside ? ownerOutside[datas[i]] : address(sharing), "owner of data"
            );
            expect(outside == (collectionOf(datas[i]) == 0), "data is in a collection exactly when the contract owns it");
        }
    }

    function invariant_sizesCountTheData() public view {
        for (uint256 c = 0; c < collections.length; ++c) {
            uint256 count;
            for (uint256 i = 0; i < datas.length; ++i) if (collectionOf(datas[i]) == collections[c]) ++count;
            expectEq(sizeOf(collections[c]), count, "size of a collection");
        }
    }

    function invariant_dataForSaleIsFree() public view {
        for (uint256 i = 0; i < datas.length; ++i) {
            (,, uint48 rented, bool included, ISharing.RentingParams memory rent,
                ISharing.SellingParams memory sale) = sharing.protectedDataDetails(datas[i]);
            if (!sale.isForSale) continue;
            expect(rented < block.timestamp, "data for sale is rented");
            expect(!included && rent.duration == 0, "data for sale is offered otherwise");
        }
    }

    function invariant_whatWasPaidForCanBeUsedUntilTheEnd() public {
        for (uint256 i = 0; i < datas.length; ++i) {
            for (uint256 p = 0; p < people.length; ++p) {
                if (paidUntil(datas[i], people[p]) < block.timestamp) continue;
                vm.prank(people[p]);
                sharing.consumeProtectedData(datas[i], order, app);
            }
        }
    }

    /// The actions are not all refused: a story in which each is accepted, with the model holding at its end.
    function test_everyActionCanSucceed() public {
        this.doAdd(0, 0, 0);
        this.doOfferRental(0, 0, 10, 10);
        this.doRent(4, 0);
        this.doWithdrawRental(0, 0);
        this.doOfferSubscription(0, 0, 10, 20);
        this.doInclude(0, 0);
        this.doSubscribe(8, 0);
        invariant_whatWasPaidForCanBeUsedUntilTheEnd();
        this.doHandOver(0, 0, 1);
        this.doWait(30);
        this.doExclude(0, 0);
        this.doOfferSale(0, 0, 10);
        this.doWithdrawSale(0, 0);
        this.doOfferSale(0, 0, 10);
        this.doBuy(8, 0);
        this.doAdd(0, 0, 2);
        this.doRemove(0, 0);
        this.doBurn(0, 2);
        expectEq(accepted, 16, "accepted actions");
        invariant_theContractHoldsNoMoney();
        invariant_dataIsWhereTheModelSaysItIs();
        invariant_sizesCountTheData();
    }

    function attempt(address who, bytes memory call) private returns (bool done) {
        vm.prank(who);
        (done,) = address(sharing).call(call);
        if (done) ++accepted;
    }

    /// As attempt(), and the price went from who paid to the owner of the collection, no more and no less.
    function attemptPaying(address payer, uint256 to, uint256 price, bytes memory call) private returns (bool done) {
        uint256 had = hub.balanceOf(payer);
        address earner = ownerOrNobody(to);
        uint256 earned = hub.balanceOf(earner);
        done = attempt(payer, call);
        if (!done) price = 0;
        if (payer == earner) price = 0;
        expectEq(hub.balanceOf(payer), had - price, "account of the payer");
        expectEq(hub.balanceOf(earner), earned + price, "account of the earner");
    }

    /// Every second time the one who may do it, else anybody.
    function managerOf(uint256 who, uint256 collection_) private view returns (address) {
        address manager = ownerOrNobody(collection_);
        return who % 2 == 0 && manager != address(1) ? manager : personOf(who / 2);
    }

    function managerOfData(uint256 who, address data_) private view returns (address) {
        return managerOf(who, collectionOf(data_));
    }

    function ownerOrNobody(uint256 collection_) private view returns (address) {
        try sharing.ownerOf(collection_) returns (address found) {
            return found;
        } catch {
            return address(1);
        }
    }

    function paidUntil(address data_, address consumer) private view returns (uint256) {
        uint256 rented = rentedUntil[data_][consumer];
        uint256 subscribed = subscribedUntil[data_][consumer];
        return rented > subscribed ? rented : subscribed;
    }

    function keepLater(mapping(address => uint256) storage ends, address who, uint256 end) private {
        if (end > ends[who]) ends[who] = end;
    }

    function personOf(uint256 index) private view returns (address) {
        return people[index % people.length];
    }

    function dataOf(uint256 index) private view returns (address) {
        return datas[index % datas.length];
    }

    function collectionAt(uint256 index) private view returns (uint256) {
        return collections[index % collections.length];
    }

    /// One the person owns, if there is one.
    function collectionOfPerson(address person, uint256 index) private view returns (uint256) {
        for (uint256 i = 0; i < collections.length; ++i) {
            uint256 candidate = collections[(index % collections.length + i) % collections.length];
            if (ownerOrNobody(candidate) == person) return candidate;
        }
        return collectionAt(index);
    }

    function cheap(uint72 price) private pure returns (uint72) {
        return price % 1_000;
    }

    function short(uint40 duration) private pure returns (uint40) {
        return duration % 1_000;
    }
}

"""Who says what a policy is: plugin before group before default, and each value knows who gave it."""

import pytest

from plugin_optimizer.domain import ConfigError, InvalidSetting, InvalidValue, Mode, Plugin, PluginGroup, Policy
from plugin_optimizer.execute.policy_layers import Clash, Membership, changed_plugins, group_policy, merge_policies

CART = Plugin("shop-cart", "gunicorn", {}, {"team": "shop"})
MAIL = Plugin("shop-mail", "celery", {}, {"team": "shop"})
STOCK = Plugin("stock", "gunicorn")
SHOP = PluginGroup("shop", labels={"team": "shop"})
WEB = PluginGroup("web", priority=5, kinds=("gunicorn",))
MEMBERS = Membership((SHOP, WEB), (CART, MAIL, STOCK))


@pytest.mark.parametrize(
    ("group", "those"),
    [
        (PluginGroup("g", kinds=("celery", "redis")), {"shop-mail"}),
        (PluginGroup("g", labels={"team": "shop"}), {"shop-cart", "shop-mail"}),
        (PluginGroup("g", names=("shop-*", "st?ck")), {"shop-cart", "shop-mail", "stock"}),
        (PluginGroup("g", names=("shop",)), set()),
        (PluginGroup("g", kinds=("gunicorn",), labels={"team": "shop"}, names=("*",)), {"shop-cart"}),
        (PluginGroup("g", labels={"team": "shop", "tier": "1"}), set()),
    ],
)
def test_a_plugin_belongs_where_every_condition_holds(group: PluginGroup, those: set[str]) -> None:
    """One of the kinds, all of the labels, one of the names; a name is a whole name."""
    assert {plugin.plugin_id for plugin in (CART, MAIL, STOCK) if group.holds(plugin)} == those


@pytest.mark.parametrize(
    ("name", "conditions", "said"),
    [
        ("Shop", {"kinds": ("gunicorn",)}, "is no name of a group"),
        ("s" * 41, {"kinds": ("gunicorn",)}, "is no name of a group"),
        ("shop", {}, "needs a condition"),
        ("shop", {"names": ("Shop*",)}, "is no pattern"),
        ("shop", {"kinds": ("gunicorn",), "priority": 1_001}, "priority is 1001"),
    ],
)
def test_a_group_that_means_nobody_or_everybody_is_refused(name: str, conditions: dict[str, object], said: str) -> None:
    """The error says what would have been right."""
    with pytest.raises(InvalidValue, match=said):
        PluginGroup(name, **conditions)  # type: ignore[arg-type]


def test_plugin_wins_over_group_and_group_over_default() -> None:
    """Field by field, whichever layer says it: the file's word for a plugin wins over the stored one for its group."""
    file = {"": {"cpu_ratio": 0.5, "error_ratio": 0.02}, "shop-cart": {"max_workers": 6}}
    stored = {"": {"stale_seconds": 30.0}, "group:shop": {"max_workers": 9, "error_ratio": 0.01, "stale_seconds": 20.0}}
    policies = merge_policies(file, stored, members=MEMBERS)
    cart, mail, stock = (policies.of(name) for name in ("shop-cart", "shop-mail", "stock"))
    assert (cart.max_workers, cart.error_ratio, cart.cpu_ratio, cart.stale_seconds) == (6, 0.01, 0.5, 20.0)
    assert (mail.max_workers, stock.max_workers, stock.stale_seconds) == (9, Policy().max_workers, 30.0)
    origin = policies.origin("shop-cart")
    assert [origin[f] for f in ("max_workers", "error_ratio", "cpu_ratio")] == ["plugin", "group:shop", "default"]
    assert set(policies.origin("stock").values()) == {"default"}


def test_of_two_groups_the_higher_priority_wins_then_the_name() -> None:
    """And where only the weaker one speaks, it is heard."""
    said = {"group:shop": {"max_workers": 9, "cpu_ratio": 0.4}, "group:web": {"max_workers": 5}}
    policies = merge_policies(said, members=MEMBERS)
    assert policies.groups == {"shop-cart": ("web", "shop"), "shop-mail": ("shop",), "stock": ("web",)}
    assert (policies.of("shop-cart").max_workers, policies.of("shop-cart").cpu_ratio) == (5, 0.4)
    assert policies.origin("shop-cart")["max_workers"] == "group:web"
    equal = Membership((SHOP, PluginGroup("a", names=("shop-cart",))), (CART,))
    assert merge_policies(said, members=equal).groups == {"shop-cart": ("a", "shop")}


def test_groups_that_contradict_each_other_are_refused_by_name() -> None:
    """Each fits by itself; the plugin that is in both is named."""
    said = {"group:shop": {"min_workers": 9, "shrink_floor": 9}, "group:web": {"max_workers": 5}}
    with pytest.raises(InvalidSetting, match=r"plugins\.shop-cart\.policy\.min_workers is 9"):
        merge_policies(said, members=MEMBERS)
    with pytest.raises(InvalidSetting, match=r"groups\.shop\.policy\.min_workers is 40"):
        merge_policies({"group:shop": {"min_workers": 40}}, members=Membership((SHOP,)))


def test_a_plugin_found_in_contradicting_groups_keeps_the_upper_bound() -> None:
    """The engine goes on, and starts no more workers than any word for the plugin allows."""
    said = {"group:shop": {"min_workers": 9, "shrink_floor": 7}, "group:web": {"max_workers": 5}}
    cart = merge_policies(said, members=MEMBERS, clash=Clash.LOWERED).of("shop-cart")
    assert (cart.min_workers, cart.shrink_floor, cart.max_workers) == (5, 5, 5)
    with pytest.raises(ConfigError, match="cpu_ratio is 3"):
        merge_policies({"group:shop": {"cpu_ratio": 3}}, members=MEMBERS, clash=Clash.LOWERED)


def test_what_a_group_says_by_itself_can_be_read() -> None:
    """The policy of a plugin that is in this group alone."""
    file, stored = {"": {"cpu_ratio": 0.5}}, {"group:web": {"mode": "automatic"}, "group:shop": {"max_workers": 3}}
    policy = group_policy((file, stored), "web")
    assert (policy.mode, policy.cpu_ratio, policy.max_workers) == (Mode.AUTOMATIC, 0.5, Policy().max_workers)


def test_whose_policy_would_be_another_one_is_told_by_field() -> None:
    """Only those, and only the fields that differ."""
    before = merge_policies({"shop-cart": {"max_workers": 4}}, members=MEMBERS)
    after = merge_policies({"shop-cart": {"max_workers": 4}, "group:shop": {"max_workers": 9}}, members=MEMBERS)
    assert dict(changed_plugins(before, after, ("shop-cart", "shop-mail", "stock"))) == {
        "shop-mail": {"max_workers": (32, 9)}
    }

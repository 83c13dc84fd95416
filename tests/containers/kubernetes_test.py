"""docker/kubernetes/: every field against the models of Kubernetes' own client, what must fit together, and the pod's
settings on a container. No cluster is at hand where this runs."""

import glob
import os
import re
import unittest

import built
import kubernetes.client
import yaml
from docker_cli import ROOT, SERVER_IMAGE, container, docker, said, wait_for

KINDS = {("apps/v1", "Deployment"): "V1Deployment", ("v1", "Service"): "V1Service",
         ("policy/v1", "PodDisruptionBudget"): "V1PodDisruptionBudget"}
PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float), "datetime": str}


def model(value, type_, path):
    """The value as the client's model of that type; ValueError for what the type does not have, or lacks."""
    inner = re.fullmatch(r"list\[(.+)\]|dict\(str, (.+)\)", type_)
    if inner and inner.group(1):
        return [model(part, inner.group(1), f"{path}[{i}]") for i, part in enumerate(value)]
    if inner:
        return {key: model(part, inner.group(2), f"{path}.{key}") for key, part in value.items()}
    if type_ == "object":  # IntOrString
        return value
    if type_ in PLAIN:
        if not isinstance(value, PLAIN[type_]) or (type_ == "int" and isinstance(value, bool)):
            raise ValueError(f"{path}: {value!r} is no {type_}")
        return value
    class_ = getattr(kubernetes.client, type_)
    names = {json: name for name, json in class_.attribute_map.items()}
    unknown = set(value) - set(names)
    if unknown:
        raise ValueError(f"{path}: {type_} has no {sorted(unknown)}")
    return class_(**{names[key]: model(part, class_.openapi_types[names[key]], f"{path}.{key}")
                     for key, part in value.items()})


def documents():
    found = []
    for path in sorted(glob.glob(os.path.join(ROOT, "docker/kubernetes/*.yaml"))):
        with open(path, encoding="utf-8") as file:
            found += [document for document in yaml.safe_load_all(file) if document]
    return found


def seconds(text):
    return float(re.fullmatch(r"([\d.]+)s", text).group(1))


class Manifests(unittest.TestCase):
    def setUp(self):
        found = {document["kind"]: model(document, KINDS[document["apiVersion"], document["kind"]], document["kind"])
                 for document in documents()}
        self.assertEqual({"Deployment", "Service", "PodDisruptionBudget"}, set(found))
        self.deployment, self.service, self.budget = (
            found[kind] for kind in ("Deployment", "Service", "PodDisruptionBudget"))
        self.pod = self.deployment.spec.template.spec
        (self.container,) = self.pod.containers
        self.variables = {variable.name: variable.value for variable in self.container.env}

    def test_a_wrong_field_is_found(self):
        for wrong in ({"spec": {"replica": 3}}, {"spec": {"replicas": "3"}}, {"spec": {"replicas": 3}}):
            with self.assertRaises(ValueError):
                model(wrong, "V1Deployment", "Deployment")

    def test_all_select_the_same_pods(self):
        labels = self.deployment.spec.template.metadata.labels
        self.assertEqual(labels, self.deployment.spec.selector.match_labels)
        self.assertEqual(labels, self.service.spec.selector)
        self.assertEqual(labels, self.budget.spec.selector.match_labels)

    def test_the_service_is_headless_and_leads_to_the_servers_port(self):
        self.assertEqual("None", self.service.spec.cluster_ip)
        (port,) = self.container.ports
        self.assertEqual(port.name, self.service.spec.ports[0].target_port)
        self.assertEqual(port.name, self.container.liveness_probe.tcp_socket.port)
        self.assertEqual(f"0.0.0.0:{port.container_port}", self.variables["DIALTONE_LISTEN"])

    def test_the_drain_fits_the_grace_period_and_the_roll_keeps_all_replicas(self):
        self.assertGreaterEqual(self.pod.termination_grace_period_seconds,
                                seconds(self.variables["DIALTONE_DRAIN_TIMEOUT"]) + 3)
        self.assertEqual(0, self.deployment.spec.strategy.rolling_update.max_unavailable)
        self.assertLess(self.budget.spec.max_unavailable, self.deployment.spec.replicas)
        # A pod that drains has closed its port: it must not be killed for that before its time is over.
        liveness = self.container.liveness_probe
        self.assertGreaterEqual(liveness.period_seconds * liveness.failure_threshold,
                                seconds(self.variables["DIALTONE_DRAIN_TIMEOUT"]))

    def test_the_image_is_ours_and_knows_every_variable(self):
        self.assertEqual(SERVER_IMAGE, self.container.image.split(":")[0])
        help_ = said("run", "--rm", SERVER_IMAGE, "--help")
        for name in self.variables:
            self.assertIn(name, help_)

    def test_a_container_with_the_pods_settings_passes_its_probes_and_ends_in_time(self):
        security = self.container.security_context
        limits = self.container.resources.limits
        flags = [f"--env={name}={value}" for name, value in self.variables.items()]
        flags += [f"--user={self.pod.security_context.run_as_user}:{self.pod.security_context.run_as_group}",
                  f"--cap-drop={security.capabilities.drop[0]}", f"--memory={limits['memory'].replace('Mi', 'm')}",
                  f"--cpus={min(int(limits['cpu']), os.cpu_count())}"]
        flags += ["--read-only"] if security.read_only_root_filesystem else []
        flags += ["--security-opt=no-new-privileges"] if security.allow_privilege_escalation is False else []
        with container(*flags) as server:
            server.wait_listening()
            for probe in (self.container.startup_probe, self.container.readiness_probe):
                docker("exec", server.name, *probe._exec.command)
            with built.host.begin(server.address, "sleep", "2s") as call:
                wait_for("the call has begun", lambda: server.connections() > 0)
                docker("stop", f"--time={self.pod.termination_grace_period_seconds}", server.name)
                self.assertEqual(0, call.wait(10))
            self.assertEqual(0, server.inspect(".State.ExitCode"), server.log())

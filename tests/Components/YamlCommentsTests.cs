using CsCheck;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Web.Model.Composing;
using Xunit;

namespace Rollcall.Components;

public sealed class YamlCommentsTests
{
    private const string Said = """
        # Ticket OPS-77
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: orders, namespace: demo } # the shop
        spec:
          target: { kind: StatefulSetGroup, name: orders }
          changes:
          - { component: redis, serviceVersion: 8.0.1 } # waited for since May
          stages:
          # one shard on its own, over lunch
          - name: canary
            shards: { count: 1 }
            soak: 10m # long enough for a backup
          - name: rest # all others
            shards: rest
        # that is all
        """;

    [Fact]
    public async Task FormChanged_KeepsCommentsWithTheirLines()
    {
        await using var stage = new ComposeStage(Said);
        stage.Session.FormChanged();

        Assert.Equal("""
            # Ticket OPS-77
            apiVersion: rollcall.dev/v1alpha1
            kind: RolloutPlan
            metadata: # the shop
              name: orders
              namespace: demo
            spec:
              target:
                kind: StatefulSetGroup
                name: orders
              changes:
              - component: redis # waited for since May
                serviceVersion: 8.0.1
              stages:
              # one shard on its own, over lunch
              - name: canary
                shards: { count: 1 }
                soak: 10m # long enough for a backup
              - name: rest # all others
                shards: rest
            # that is all

            """.ReplaceLineEndings("\n"), stage.Session.Text);
    }

    [Fact]
    public async Task FormChanged_StageMovedAndRenamed_TakesItsCommentsAlong()
    {
        await using var stage = new ComposeStage(Said);
        stage.Session.Form.Move(stage.Session.Form.Stages[0], 1);
        stage.Session.FormChanged();
        Assert.Contains("- name: rest # all others\n    shards: rest\n  # one shard on its own, over lunch\n  - name: canary\n", stage.Session.Text, StringComparison.Ordinal);

        stage.Session.Form.Stages[1].Name = "canary2";
        stage.Session.FormChanged();
        Assert.Contains("  # one shard on its own, over lunch\n  - name: canary2\n    shards: { count: 1 }\n    soak: 10m # long enough for a backup\n", stage.Session.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FormChanged_StageGone_TakesItsCommentWithIt()
    {
        await using var stage = new ComposeStage(Said);
        stage.Session.Form.Stages.RemoveAt(0);
        stage.Session.FormChanged();

        Assert.DoesNotContain("lunch", stage.Session.Text, StringComparison.Ordinal);
        Assert.Contains("- name: rest # all others\n", stage.Session.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FormChanged_NewStageInFront_TakesNobodysComment()
    {
        await using var stage = new ComposeStage(Said);
        stage.Session.Form.AddStage();
        stage.Session.Form.MoveTo(stage.Session.Form.Stages[^1], 0);
        stage.Session.FormChanged();

        Assert.Equal(3, stage.Session.Form.Stages.Count);
        Assert.Single(stage.Session.Text.Split('\n'), l => l.Contains("over lunch", StringComparison.Ordinal));
        Assert.Contains("  # one shard on its own, over lunch\n  - name: canary\n", stage.Session.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Carry_WhatIsCommentedOut_KeepsItsIndentation() =>
        Assert.Equal("a: 1\n# b:\n#   c: 2\nd: 4\n", YamlComments.Carry("a: 1\n# b:\n#   c: 2\nd: 3\n", "a: 1\nd: 4\n"));

    [Fact]
    public void Carry_HashInATextIsNoComment()
    {
        const string text = "a: \"x # y\"\nb: 'it''s # z'\nc: |\n  # not one\n  d: e # nor this\nf: g#h\n";
        Assert.False(YamlComments.Any(text));
        Assert.Equal(text, YamlComments.Carry(text + "# end\n", text).Replace("# end\n", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Carry_AnyComments_LeaveTheDocumentAsItIs()
    {
        var document = ComposeYaml.Write(ComposeForm.From(ComposeStage.Draft with { Changes = [new Rollcall.Shared.ChangeSpec { Component = "redis", ServiceVersion = "8.0.1" }] }, ComposeStage.Cluster));
        var plan = PlanSpecWriter.ToYaml(PlanSpecReader.Read(document).Value!);
        var count = document.Split('\n').Length;
        Gen.Select(Gen.Int[0, count - 1], Gen.Bool, Gen.String[Gen.Char['!', '~'], 0, 12]).List[0, 6].Sample(comments =>
        {
            var lines = document.Split('\n').ToList();
            foreach (var (line, own, words) in comments)
            {
                if (own)
                    lines.Insert(line, $"   # {words}");
                else if (lines[line].Length > 0)
                    lines[line] += $" # {words}";
            }
            var carried = YamlComments.Carry(string.Join('\n', lines), document);
            Assert.Equal(plan, PlanSpecWriter.ToYaml(PlanSpecReader.Read(carried).Value!));
        }, iter: 200);
    }
}

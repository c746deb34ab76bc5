using Rollcall.Engine.Execution;
using Xunit;

namespace Rollcall.Unit.Execution;

public sealed class OutputTests
{
    [Theory]
    [InlineData("password=hunter2 next", "password=••• next")]
    [InlineData("\"api_key\": \"abc def\", x", "\"api_key\": •••, x")]
    [InlineData("REDIS_DEFAULT_PASSWORD: s3cret", "REDIS_DEFAULT_PASSWORD: •••")]
    [InlineData("PGPASSWORD='a b' psql", "PGPASSWORD=••• psql")]
    [InlineData("Authorization: Bearer abcdef.123456", "Authorization: ••• •••")]
    [InlineData("curl -H 'X: Bearer abcdef123456'", "curl -H 'X: Bearer •••'")]
    [InlineData("connect postgres://app:pa55@db:5432/x", "connect postgres://•••@db:5432/x")]
    [InlineData("ALTER USER x IDENTIFIED BY 'geheim'", "ALTER USER x IDENTIFIED BY •••")]
    [InlineData("mysql --password geheim -e x", "mysql --password ••• -e x")]
    [InlineData("key eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.sig end", "key ••• end")]
    [InlineData("AKIAIOSFODNN7EXAMPLE", "•••")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nafter", "•••\nafter")]
    public void Mask_WhatCouldBeASecret_IsTakenOut(string said, string shown) => Assert.Equal(shown, OutputMask.Apply(said));

    [Theory]
    [InlineData("Background saving started")]
    [InlineData("exit code 1: the password is wrong")]
    [InlineData("https://backup.example/run?id=7 answered 200")]
    [InlineData("role:slave master_link_status:up slave_repl_offset:1234")]
    public void Mask_OrdinaryWords_Stay(string said) => Assert.Equal(said, OutputMask.Apply(said));

    [Fact]
    public void Tail_MoreThanItKeeps_ShowsTheLastWholeLines()
    {
        var tail = new OutputTail();
        tail.Add("password=first\n");
        for (var i = 0; i < 2000; i++)
            tail.Add($"line {i:D5}\n");

        Assert.True(tail.Truncated);
        Assert.Equal(15 + (2000 * 11), tail.Total);
        var lines = tail.Text.TrimEnd('\n').Split('\n');
        Assert.InRange(lines.Length, 700, 745);
        Assert.All(lines, l => Assert.Matches("^line [0-9]{5}$", l));
        Assert.Equal("line 01999", lines[^1]);
    }

    [Fact]
    public void Tail_OneEndlessLine_IsNotShownSinceItsBeginningIsUnknown()
    {
        var tail = new OutputTail();
        tail.Add(new string('x', 3 * OutputTail.Limit));

        Assert.Equal("(one line, too long to keep)", tail.Text);
    }

    [Fact]
    public void Tail_SecretInTwoPieces_IsMaskedAsOne()
    {
        var tail = new OutputTail();
        tail.Add("token=ab");
        tail.Add("cdef\n");

        Assert.Equal("token=•••\n", tail.Text);
        Assert.False(tail.Truncated);
    }
}
